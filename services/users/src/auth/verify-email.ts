import { AppError } from '@finnigram/service-kit'
import { commitFacts } from '../commit-facts.ts'
import type { UsersContext } from '../context.ts'
import { takeToken, voidTokens } from '../mail/mailed-token.ts'

/** Proves an address with the token that was mailed to it. Throws `gone` for a token that was used, replaced, has expired, or was for an address the person no longer has. */
export async function verifyEmail(ctx: UsersContext, { ip }: { ip: string }, token: string): Promise<void> {
  await commitFacts(ctx, async (tx, _tell, { note }) => {
    const owner = await takeToken(tx, token, 'verify_email')
    if (!owner) throw new AppError('gone')
    const { rowCount } = await tx.query(
      'UPDATE users SET email_verified = true WHERE id = $1 AND email_key = $2',
      [owner.userId, owner.emailKey],
    )
    if (rowCount === 0) throw new AppError('gone')
    await voidTokens(tx, owner.userId, 'verify_email')
    note({ type: 'email_verified', userId: owner.userId, ip })
  })
}
