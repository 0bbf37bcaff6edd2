import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { eventually, freePort } from '@finnigram/testing'
import { SMTPServer } from 'smtp-server'
import { expect } from 'vitest'

export interface ReceivedMail {
  to: string
  subject: string
  /** The whole message. */
  source: string
  /** Whether the client asked for SMTPUTF8 with it. */
  isUtf8?: boolean
  /** From its link, where there is one. */
  token: string
}

export interface MailServer extends AsyncDisposable {
  readonly url: string
  readonly mails: ReceivedMail[]
  /** What the server answers to a recipient; undefined takes the mail. */
  refusal: { responseCode: number; message: string } | undefined
  /** Whether it takes addresses beyond ASCII before the @; true when it starts. */
  takesUtf8: boolean
  /** The passwords clients have shown. */
  readonly passwords: string[]
  /** Never answers to the next mail; resolves when its client has begun to wait. */
  hold(): Promise<void>
  /** Closes the port and keeps the mails. */
  stop(): Promise<void>
  start(): Promise<void>
  /** Waits for the mails an address has got, `count` of them. */
  mailsTo(address: string, count?: number): Promise<ReceivedMail[]>
}

/** A real SMTP server on a free port, which keeps what it is sent. */
export async function startMailServer(): Promise<MailServer> {
  const port = await freePort()
  const mails: ReceivedMail[] = []
  const passwords: string[] = []
  let holding: (() => void) | undefined
  /** Whether the mail that comes now is the one to be held. */
  const isHeld = () => {
    const release = holding
    holding = undefined
    release?.()
    return release !== undefined
  }
  const state = { mails, passwords, isHeld }
  let server = makeServer(state, () => box)
  const box: MailServer = {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    passwords,
    refusal: undefined,
    takesUtf8: true,
    hold: () => {
      const held = Promise.withResolvers<void>()
      holding = held.resolve
      return held.promise
    },
    stop: () => new Promise((resolve) => server.close(() => resolve())),
    async start() {
      server = makeServer(state, () => box)
      server.listen(port, '127.0.0.1')
      await once(server.server, 'listening')
      expect((server.server.address() as AddressInfo).port).toBe(port)
    },
    mailsTo: (address, count = 1) =>
      eventually(
        async () => {
          const found = mails.filter(({ to }) => to.toLowerCase() === address.toLowerCase())
          expect(found).toHaveLength(count)
          return found
        },
        { within: 10_000 },
      ),
    [Symbol.asyncDispose]: () => box.stop(),
  }
  await box.start()
  return box
}

function makeServer(
  { mails, passwords, isHeld }: Pick<MailServer, 'mails' | 'passwords'> & { isHeld: () => boolean },
  settings: () => Pick<MailServer, 'refusal' | 'takesUtf8'>,
): SMTPServer {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onConnect(_session, done) {
      server.options.hideSMTPUTF8 = !settings().takesUtf8
      done()
    },
    onAuth({ username, password }, _session, done) {
      passwords.push(password ?? '')
      done(null, { user: username })
    },
    onRcptTo(_address, _session, done) {
      const { responseCode, message } = settings().refusal ?? {}
      done(responseCode ? Object.assign(new Error(message), { responseCode }) : null)
    },
    onData(stream, { envelope }, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        if (isHeld()) return
        const source = Buffer.concat(chunks).toString().replaceAll('\r\n', '\n')
        const isUtf8 = envelope.smtpUtf8
        mails.push(...envelope.rcptTo.map(({ address }) => ({ ...toMail(address, source), isUtf8 })))
        done()
      })
    },
  })
  // A client that dies in the middle of a mail is no concern of a test.
  server.on('error', () => {})
  return server
}

export function toMail(to: string, source: string): ReceivedMail {
  return {
    to,
    source,
    subject: /^Subject: (.*)$/m.exec(source)?.[1] ?? '',
    token: /#token=([\w-]{43})$/m.exec(source)?.[1] ?? '',
  }
}
