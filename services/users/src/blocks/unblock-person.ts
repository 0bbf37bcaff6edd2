import type { Actor } from '@finnigram/service-kit'
import { requireSession } from '../auth/require-session.ts'
import type { UsersContext } from '../context.ts'
import { commitFacts } from '../transaction-with-outbox.ts'

/** Takes a block back; the row stays, because the next block of this pair needs a higher version. Nothing happens where there is none. */
export async function unblockPerson(ctx: UsersContext, actor: Actor, blockedId: string): Promise<void> {
  const { userId } = actor
  await commitFacts(ctx, async (tx, tell) => {
    await requireSession(tx, actor)
    const { rows } = await tx.query<{ version: number }>(
      `UPDATE blocks SET in_force = false, version = version + 1, at = now()
WHERE user_id = $1 AND blocked_id = $2 AND in_force RETURNING version`,
      [userId, blockedId],
    )
    for (const { version } of rows)
      tell(userId, 'block.changed', { userId, blockedId, isBlocked: false, version })
  })
}
