import { type Avatar, avatarVersion } from '@finnigram/images'
import type { Actor } from '@finnigram/service-kit'
import type pg from 'pg'
import { requireSession } from '../auth/require-session.ts'
import type { UsersContext } from '../context.ts'
import { commitFacts } from '../transaction-with-outbox.ts'
import { lockUser } from './lock-user.ts'
import { toSharedUser } from './to-shared-user.ts'
import type { UserRow } from './user-row.ts'

/** Puts pictures in the place of a person's present ones, or none, and tells it. Nothing happens where nothing changes. */
export function storeAvatar(ctx: UsersContext, actor: Actor, avatar: Avatar | undefined): Promise<UserRow> {
  const { userId } = actor
  const avatarUrl = avatar ? `/v1/users/${userId}/avatar?v=${avatarVersion(avatar.etag)}` : null
  return commitFacts(ctx, async (tx, tell) => {
    await requireSession(tx, actor)
    const present = await lockUser(tx, userId)
    if (present.avatarUrl === avatarUrl) return present
    await replacePictures(tx, userId, avatar)
    const stored = { ...present, avatarUrl, version: present.version + 1 }
    await tx.query('UPDATE users SET avatar_url = $2, version = $3 WHERE id = $1', [
      userId,
      stored.avatarUrl,
      stored.version,
    ])
    tell(userId, 'user.updated', toSharedUser(stored))
    return stored
  })
}

async function replacePictures(tx: pg.PoolClient, userId: string, avatar: Avatar | undefined): Promise<void> {
  await tx.query('DELETE FROM avatars WHERE user_id = $1', [userId])
  if (!avatar) return
  const { etag, pictures } = avatar
  await tx.query(
    `INSERT INTO avatars (user_id, size, etag, bytes)
SELECT $1, size, $2, bytes FROM unnest($3::int[], $4::bytea[]) AS picture (size, bytes)`,
    [userId, etag, pictures.map(({ size }) => size), pictures.map(({ bytes }) => bytes)],
  )
}
