import { createTransport, type SendMailOptions } from 'nodemailer'
import SMTPConnection, { type SMTPConnectionOptions } from 'nodemailer/lib/smtp-connection'
import type { UsersConfig } from '../config.ts'
import { forgetMailFiles, sweepMailFiles, writeMailFile } from './mail-files.ts'

export interface OutgoingMail {
  id: string
  /** Whose account it is about. */
  userIds: string[]
  to: string
  subject: string
  text: string
  html: string
}

export interface MailTransport extends Disposable {
  /** For the log: where mails go. */
  readonly place: string
  /** Resolves once the mail server, or the disk, has the mail. */
  send(mail: OutgoingMail): Promise<void>
  /** Deletes what it keeps of mails about a person, and what is old; a mail server keeps nothing for us. */
  forget(userId: string): Promise<void>
  sweep(findDeleted: (userIds: string[]) => Promise<string[]>): Promise<void>
}

const timeouts = {
  connectionTimeout: 10_000,
  greetingTimeout: 10_000,
  dnsTimeout: 10_000,
  socketTimeout: 30_000,
}

/** The way mails leave: the server of `SMTP_URL`, or else files in `MAIL_DIR`. */
export function openMailTransport(config: UsersConfig): MailTransport {
  const toMessage = messageWriter(config)
  if (config.SMTP_URL) return toServer(config.SMTP_URL, toMessage)
  return toFolder(config.MAIL_DIR ?? 'mail', toMessage)
}

type ToMessage = (mail: OutgoingMail) => SendMailOptions

function toServer(smtpUrl: string, toMessage: ToMessage): MailTransport {
  const url = new URL(smtpUrl)
  // A password never goes over the wire in clear, unless the URL asks for that by `?requireTLS=false`.
  const requireTLS = url.username !== '' && url.protocol === 'smtp:'
  const transport = createTransport({ requireTLS, ...timeouts, url: smtpUrl })
  return {
    place: url.host,
    async send(mail) {
      if (needsUtf8(mail.to) && !(await takesUtf8(transport.options)))
        throw Object.assign(new Error('The mail server takes no such address'), { code: noUtf8 })
      await transport.sendMail(toMessage(mail))
    },
    forget: async () => {},
    sweep: async () => {},
    [Symbol.dispose]: () => transport.close(),
  }
}

/**
 * The code of what is thrown where the mail server does not know SMTPUTF8 (RFC 6531) and the
 * address needs it.
 */
export const noUtf8 = 'ENOSMTPUTF8'

/** A domain can be written in ASCII, what stands before the @ cannot. */
const needsUtf8 = (address: string) => /[^\0-\x7F]/.test(address.slice(0, address.lastIndexOf('@')))

/**
 * Asks the mail server before such a mail: nodemailer would send it to one that does not know what
 * it means, too.
 */
function takesUtf8(options: SMTPConnectionOptions): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>()
  const connection = new SMTPConnection(options)
  connection.on('error', reject)
  connection.once('end', () => reject(new Error('The mail server hung up')))
  connection.connect((error) => {
    if (error) reject(error)
    else resolve(/^250[ -]SMTPUTF8\b/im.test(String(connection.lastServerResponse)))
  })
  return promise.finally(() => connection.close())
}

function toFolder(dir: string, toMessage: ToMessage): MailTransport {
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'unix' })
  return {
    place: dir,
    async send(mail) {
      const { message } = await transport.sendMail(toMessage(mail))
      await writeMailFile(dir, mail, message)
    },
    forget: (userId) => forgetMailFiles(dir, userId),
    sweep: (findDeleted) => sweepMailFiles(dir, findDeleted),
    [Symbol.dispose]: () => transport.close(),
  }
}

/** The plain text goes as it is, so that a link can be read, and clicked, in a file, too. Letters are ASCII. */
const plainHeaders = 'Content-Type: text/plain; charset=us-ascii\nContent-Transfer-Encoding: 7bit'

/** The id makes the Message-ID: a mail that is sent twice, because a node died in between, is known as one. */
function messageWriter({ MAIL_FROM, PUBLIC_URL }: UsersConfig): ToMessage {
  const host = new URL(PUBLIC_URL).hostname
  const from = MAIL_FROM ?? { name: 'Finnigram', address: `finnigram@${host}` }
  return ({ id, to, subject, text, html }) => ({
    from,
    // As an object, so that it is one address whatever is in it.
    to: { name: '', address: to },
    subject,
    alternatives: [
      { contentType: 'text/plain', raw: `${plainHeaders}\n\n${text}` },
      { contentType: 'text/html; charset=utf-8', content: html },
    ],
    messageId: `<${id}@${host}>`,
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
    disableFileAccess: true,
    disableUrlAccess: true,
  })
}
