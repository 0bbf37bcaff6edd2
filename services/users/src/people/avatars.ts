import type { Me, RouteQuery, usersApi } from '@finnigram/contracts'
import type { StoredPicture } from '@finnigram/images'
import { type Avatar, avatarFile, avatarVersion, largestAvatar } from '@finnigram/images'
import type { Actor, FileBody } from '@finnigram/service-kit'
import { AppError } from '@finnigram/service-kit'
import type pg from 'pg'
import { requireSession } from '../auth/sessions.ts'
import type { UsersContext } from '../context.ts'
import { commitFacts } from '../transaction-with-outbox.ts'
import { notBlocked } from './blocks.ts'
import type { UserRow } from './user-row.ts'
import { lockUser } from './user-row.ts'
import { toMe, toSharedUser } from './user-views.ts'

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

/** Gives the caller a picture, cut square; the same picture again changes nothing. Throws `unsupported_media_type` for what is no picture that is safe to open, and `unavailable` when too many wait. */
export async function putAvatar(ctx: UsersContext, actor: Actor, bytes: Uint8Array): Promise<Me> {
  await requireSession(ctx.pool, actor)
  return toMe(await storeAvatar(ctx, actor, await ctx.pictures.cutAvatar(actor.userId, bytes)))
}

/** Takes the caller's picture away; without one nothing happens. */
export async function deleteAvatar(ctx: UsersContext, actor: Actor): Promise<void> {
  await storeAvatar(ctx, actor, undefined)
}

/** The picture of a person, `size` pixels wide or the next larger. Throws `not_found`, also when one of the two blocked the other. */
export async function getAvatar(
  { pool }: UsersContext,
  actor: Actor,
  { userId, size, v }: { userId: string } & RouteQuery<typeof usersApi.getAvatar>,
): Promise<FileBody> {
  const { rows } = await pool.query<StoredPicture>(
    `SELECT a.size, a.etag, a.bytes FROM users u JOIN avatars a ON a.user_id = u.id
WHERE u.id = $2 AND a.size >= $3 AND ${notBlocked('$1')} ORDER BY a.size LIMIT 1`,
    [actor.userId, userId, Math.min(size, largestAvatar)],
  )
  if (!rows[0]) throw new AppError('not_found')
  return avatarFile(rows[0], v)
}
