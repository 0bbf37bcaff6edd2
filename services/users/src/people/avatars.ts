import type { Me, RouteQuery, usersApi } from '@finnigram/contracts'
import {
  type Avatar,
  avatarVersion,
  largestAvatar,
  type Pictures,
  type StoredPicture,
} from '@finnigram/images'
import { type Actor, AppError, type FileBody, pictureFile } from '@finnigram/service-kit'
import type pg from 'pg'
import { requireSession } from '../auth/sessions.ts'
import type { WithPool } from '../deps.ts'
import { type TransactionDeps, transactionWithOutbox } from '../transaction-with-outbox.ts'
import { notBlocked } from './blocks.ts'
import { lockUser, type UserRow } from './user-row.ts'
import { toMe, toSharedUser } from './user-views.ts'

/** Replaces a user's pictures, or deletes them, and emits the new profile. */
function storeAvatar(ctx: TransactionDeps, actor: Actor, avatar: Avatar | undefined): Promise<UserRow> {
  const { userId } = actor
  const avatarUrl = avatar ? `/v1/users/${userId}/avatar?v=${avatarVersion(avatar.etag)}` : null
  return transactionWithOutbox(ctx, async (tx, emit) => {
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
    emit(userId, 'user.updated', toSharedUser(stored))
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

/**
 * Sets the caller's picture, cropped to a square. The same picture again changes nothing. Throws
 * `unsupported_media_type` for what is not a safe picture, `unavailable` if too many wait.
 */
export async function putAvatar(
  ctx: TransactionDeps & { readonly pictures: Pictures },
  actor: Actor,
  bytes: Uint8Array,
): Promise<Me> {
  await requireSession(ctx.pool, actor)
  return toMe(await storeAvatar(ctx, actor, await ctx.pictures.cutAvatar(actor.userId, bytes)))
}

/** Deletes the caller's picture, if there is one. */
export async function deleteAvatar(ctx: TransactionDeps, actor: Actor): Promise<void> {
  await storeAvatar(ctx, actor, undefined)
}

/**
 * A user's picture, `size` pixels wide or the next larger. Throws `not_found`, also across a
 * block.
 */
export async function getAvatar(
  { pool }: WithPool,
  actor: Actor,
  { userId, size, v }: { userId: string } & RouteQuery<typeof usersApi.getAvatar>,
): Promise<FileBody> {
  const { rows } = await pool.query<StoredPicture>(
    `SELECT a.size, a.etag, a.bytes FROM users u JOIN avatars a ON a.user_id = u.id
WHERE u.id = $2 AND a.size >= $3 AND ${notBlocked('$1')} ORDER BY a.size LIMIT 1`,
    [actor.userId, userId, Math.min(size, largestAvatar)],
  )
  if (!rows[0]) throw new AppError('not_found')
  return pictureFile(rows[0], { isNamed: v === avatarVersion(rows[0].etag) })
}
