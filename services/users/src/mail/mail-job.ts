import { z } from 'zod'

/** What a notice may be about. */
const Notice = z.enum([
  'password_changed',
  'password_reset',
  'username_changed',
  'email_change_requested',
  'email_changed',
  'totp_enabled',
  'totp_disabled',
])
export type Notice = z.infer<typeof Notice>

/** What to mail. Tokens are made when the mail is sent, so that no token waits in the queue. */
export const MailJob = z.discriminatedUnion('kind', [
  /** To the account with this address, if there is one. */
  z.object({ kind: z.literal('reset_password'), email: z.string(), ip: z.string() }),
  z.object({ kind: z.literal('verify_email'), userId: z.string(), email: z.string() }),
  z.object({
    kind: z.literal('notice'),
    userId: z.string(),
    email: z.string(),
    username: z.string(),
    about: Notice,
    at: z.iso.datetime(),
  }),
])
export type MailJob = z.infer<typeof MailJob>

/** Enqueues a mail, which is sent once the present transaction is committed. */
export type EnqueueMail = (job: MailJob) => void

export interface NoticeRecipient {
  id: string
  email: string | null
  emailVerified: boolean
  username: string
}

/**
 * Notifies a person by mail that their account was changed, at the address they had until now. An
 * unproven address may be a stranger's and gets nothing.
 */
export function enqueueNotice(
  enqueueMail: EnqueueMail,
  about: Notice,
  { id, email, emailVerified, username }: NoticeRecipient,
): void {
  if (email === null || !emailVerified) return
  enqueueMail({ kind: 'notice', userId: id, email, username, about, at: new Date().toISOString() })
}

/** The address to prove: the one that waits to replace a proven one, or the present one. */
export const unprovenAddress = ({ email, emailVerified, pendingEmail }: Unproven): string | null =>
  pendingEmail ?? (emailVerified ? null : email)

interface Unproven {
  email: string | null
  emailVerified: boolean
  pendingEmail: string | null
}

/** Mails a person the token that proves their address, if there is one to prove. */
export function enqueueVerification(enqueueMail: EnqueueMail, user: Unproven & { id: string }): void {
  const email = unprovenAddress(user)
  if (email !== null) enqueueMail({ kind: 'verify_email', userId: user.id, email })
}
