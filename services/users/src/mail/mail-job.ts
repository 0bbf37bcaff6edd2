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

/** What is to be mailed. Tokens are made when a mail is sent, so that none ever waits in the queue. */
export const MailJob = z.discriminatedUnion('kind', [
  /** To whoever has this address, if anyone has. */
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

/** Queues a mail: it is sent once the transaction is committed, and not otherwise. */
export type Post = (job: MailJob) => void

/** Who is told. */
export interface Notified {
  id: string
  email: string | null
  emailVerified: boolean
  username: string
}

/**
 * Tells a person by mail what was changed in their account, at the address they had until now. An address that nobody
 * has proven may be a stranger's: it hears nothing.
 */
export function mailNotice(
  post: Post,
  about: Notice,
  { id, email, emailVerified, username }: Notified,
): void {
  if (email === null || !emailVerified) return
  post({ kind: 'notice', userId: id, email, username, about, at: new Date().toISOString() })
}

/** An address that is to be proven: the one that waits to replace a proven one, or the present one. */
export const unprovenAddress = ({ email, emailVerified, pendingEmail }: Unproven): string | null =>
  pendingEmail ?? (emailVerified ? null : email)

interface Unproven {
  email: string | null
  emailVerified: boolean
  pendingEmail: string | null
}

/** Mails a person the token that proves their address, where there is one to prove. */
export function mailVerification(post: Post, user: Unproven & { id: string }): void {
  const email = unprovenAddress(user)
  if (email !== null) post({ kind: 'verify_email', userId: user.id, email })
}
