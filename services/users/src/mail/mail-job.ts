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
