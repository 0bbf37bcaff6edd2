import { type Actor, AppError } from '@finnigram/service-kit'
import { commitFacts } from '../commit-facts.ts'
import type { UsersContext } from '../context.ts'
import { mailVerification } from '../mail/mail-verification.ts'
import { requireSession } from './require-session.ts'

/** Mails the token that proves the caller's address again; the one before is void then. Throws `conflict` where there is no address, or it is proven. */
export async function resendVerification(ctx: UsersContext, actor: Actor): Promise<void> {
  await commitFacts(ctx, async (tx, _tell, { post }) => {
    await requireSession(tx, actor)
    const { rows } = await tx.query<{ id: string; email: string | null; emailVerified: boolean }>(
      'SELECT id, email, email_verified AS "emailVerified" FROM users WHERE id = $1',
      [actor.userId],
    )
    const user = rows[0]
    if (!user || user.email === null || user.emailVerified) throw new AppError('conflict')
    mailVerification(post, user)
  })
}
