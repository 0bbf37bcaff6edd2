import type { Notice, Post } from './mail-job.ts'

/** Tells a person by mail what was changed in their account, at the address they had until now. */
export function mailNotice(
  post: Post,
  about: Notice,
  { id, email, username }: { id: string; email: string | null; username: string },
): void {
  if (email === null) return
  post({ kind: 'notice', userId: id, email, username, about, at: new Date().toISOString() })
}
