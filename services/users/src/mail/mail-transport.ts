import { createTransport, type SendMailOptions } from 'nodemailer'
import SMTPConnection, { type SMTPConnectionOptions } from 'nodemailer/lib/smtp-connection'
import type { WithConfig } from '../deps.ts'
import { deleteMailFilesAbout, sweepMailFiles, writeMailFile } from './mail-files.ts'

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
  /** Where mails go, for the log. */
  readonly destination: string
  /** Resolves once the mail server, or the disk, has the mail. */
  send(mail: OutgoingMail): Promise<void>
  /** Deletes kept mails about a person. A mail server keeps nothing for us. */
  deleteMailsAbout(userId: string): Promise<void>
  /** Deletes kept mails that are old, or about people whose accounts are deleted. */
  sweep(findDeleted: (userIds: string[]) => Promise<string[]>): Promise<void>
}

const timeouts = {
  connectionTimeout: 10_000,
  greetingTimeout: 10_000,
  dnsTimeout: 10_000,
  socketTimeout: 30_000,
}

export type MailConfig = WithConfig<'SMTP_URL' | 'MAIL_DIR' | 'MAIL_FROM' | 'PUBLIC_URL'>['config']

/** Opens the way mails leave: the server of `SMTP_URL`, or else files in `MAIL_DIR`. */
export function openMailTransport(config: MailConfig): MailTransport {
  const toMessage = messageWriter(config)
  if (config.SMTP_URL) return smtpTransport(config.SMTP_URL, toMessage)
  return folderTransport(config.MAIL_DIR ?? 'mail', toMessage)
}

type ToMessage = (mail: OutgoingMail) => SendMailOptions

function smtpTransport(smtpUrl: string, toMessage: ToMessage): MailTransport {
  const url = new URL(smtpUrl)
  // A password never goes over the wire in clear, unless the URL asks for that by
  // `?requireTLS=false`.
  const requireTLS = url.username !== '' && url.protocol === 'smtp:'
  const transport = createTransport({ requireTLS, ...timeouts, url: smtpUrl })
  return {
    destination: url.host,
    async send(mail) {
      if (needsUtf8(mail.to) && !(await takesUtf8(transport.options)))
        throw Object.assign(new Error('The mail server takes no such address'), { code: noUtf8 })
      await transport.sendMail(toMessage(mail))
    },
    deleteMailsAbout: async () => {},
    sweep: async () => {},
    [Symbol.dispose]: () => transport.close(),
  }
}

/** Error code: the address needs SMTPUTF8 (RFC 6531), and the mail server does not know it. */
export const noUtf8 = 'ENOSMTPUTF8'

/** A domain can be written in ASCII; the part before the @ cannot. */
const needsUtf8 = (address: string) => /[^\0-\x7F]/.test(address.slice(0, address.lastIndexOf('@')))

/**
 * Asks the mail server first: nodemailer would send such a mail to a server without SMTPUTF8, too.
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

function folderTransport(dir: string, toMessage: ToMessage): MailTransport {
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'unix' })
  return {
    destination: dir,
    async send(mail) {
      const { message } = await transport.sendMail(toMessage(mail))
      await writeMailFile(dir, mail, message)
    },
    deleteMailsAbout: (userId) => deleteMailFilesAbout(dir, userId),
    sweep: (findDeleted) => sweepMailFiles(dir, findDeleted),
    [Symbol.dispose]: () => transport.close(),
  }
}

/** Plain text is not encoded, so that a link in a file can be read and clicked. Texts are ASCII. */
const plainHeaders = 'Content-Type: text/plain; charset=us-ascii\nContent-Transfer-Encoding: 7bit'

/**
 * The id makes the Message-ID, so that a mail sent twice (a node died in between) is known as one.
 */
function messageWriter({ MAIL_FROM, PUBLIC_URL }: MailConfig): ToMessage {
  const host = new URL(PUBLIC_URL).hostname
  const from = MAIL_FROM ?? { name: 'Finnigram', address: `finnigram@${host}` }
  return ({ id, to, subject, text, html }) => ({
    from,
    // An object, so that nodemailer never parses it as several addresses.
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
