import type { Post } from './mail-job.ts'

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
