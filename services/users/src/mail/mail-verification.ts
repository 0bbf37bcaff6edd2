import type { Post } from './mail-job.ts'

/** Mails a person the token that proves their address, where there is one to prove. */
export function mailVerification(
  post: Post,
  { id, email, emailVerified }: { id: string; email: string | null; emailVerified: boolean },
): void {
  if (email !== null && !emailVerified) post({ kind: 'verify_email', userId: id, email })
}
