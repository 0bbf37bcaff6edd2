import type { RouteBody, usersApi } from '@finnigram/contracts'
import { type Actor, AppError } from '@finnigram/service-kit'
import { deleteSessions } from '../auth/delete-sessions.ts'
import { requireSession } from '../auth/require-session.ts'
import { commitFacts } from '../commit-facts.ts'
import type { UsersContext } from '../context.ts'

/** Ends an account: all its sessions end, nothing personal stays, and its name is free again. Throws `invalid_credentials` for a wrong password. */
export async function deleteMe(
  ctx: UsersContext,
  actor: Actor,
  { password }: RouteBody<typeof usersApi.deleteMe>,
): Promise<void> {
  const { rows } = await ctx.pool.query<{ hash: string }>(
    'SELECT password_hash AS hash FROM users WHERE id = $1 AND deleted_at IS NULL',
    [actor.userId],
  )
  const { matches } = await ctx.hasher.verify(password, rows[0]?.hash)
  if (!matches) throw new AppError('invalid_credentials')
  await commitFacts(ctx, async (tx, tell) => {
    await requireSession(tx, actor)
    const { rows: gone } = await tx.query<{ version: number }>(erase, [actor.userId])
    if (!gone[0]) throw new AppError('unauthenticated')
    await deleteSessions(tx, { userId: actor.userId, all: true }, tell)
    tell(actor.userId, 'user.deleted', { id: actor.userId, version: gone[0].version })
  })
}

/** The name that stays has a character no username may have, and the hash is none: nobody can sign in under it. */
const erase = `UPDATE users SET username = 'deleted:' || id, display_name = 'Deleted account', bio = '', avatar_url = NULL,
  email = NULL, email_key = NULL, email_verified = false, password_hash = '', preferences = '{}', search_words = '',
  created_at = date_trunc('day', created_at), last_seen_at = now(), deleted_at = now(), version = version + 1
WHERE id = $1 AND deleted_at IS NULL RETURNING version`
