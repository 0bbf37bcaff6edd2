import { AppError } from '@finnigram/service-kit'
import { commitFacts } from '../commit-facts.ts'
import type { UsersContext } from '../context.ts'
import { takeToken, voidTokens } from '../mail/mailed-token.ts'
import { toSharedUser } from '../people/to-shared-user.ts'
import { type UserRow, userColumns } from '../people/user-row.ts'

/** Proves an address with the token that was mailed to it. Throws `gone` for a token that was used, replaced, has expired, or was for an address the person no longer has. */
export async function verifyEmail(ctx: UsersContext, { ip }: { ip: string }, token: string): Promise<void> {
  await commitFacts(ctx, async (tx, tell, { note }) => {
    const owner = await takeToken(tx, token, 'verify_email')
    if (!owner) throw new AppError('gone')
    const { rows } = await tx.query<UserRow>(
      `UPDATE users u SET email_verified = true, version = version + 1 WHERE u.id = $1 AND u.email_key = $2
RETURNING ${userColumns}`,
      [owner.userId, owner.emailKey],
    )
    if (!rows[0]) throw new AppError('gone')
    // The link opens in whatever browser reads mails; the person's devices look at their profile again.
    tell(owner.userId, 'user.updated', toSharedUser(rows[0]))
    await voidTokens(tx, owner.userId, 'verify_email')
    note({ type: 'email_verified', userId: owner.userId, ip })
  })
}
