import type { RouteQuery, usersApi } from '@finnigram/contracts'
import { avatarFile, largestAvatar, type StoredPicture } from '@finnigram/images'
import { type Actor, AppError, type FileBody } from '@finnigram/service-kit'
import { notBlocked } from '../blocks/not-blocked.ts'
import type { UsersContext } from '../context.ts'

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
