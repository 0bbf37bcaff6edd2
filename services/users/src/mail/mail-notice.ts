import type { Notice, Post } from './mail-job.ts'

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
