import type { RouteQuery, usersApi } from '@finnigram/contracts'
import { type Actor, AppError, FileBody } from '@finnigram/service-kit'
import { notBlocked } from '../blocks/not-blocked.ts'
import type { UsersContext } from '../context.ts'

interface Picture {
  size: number
  etag: string
  bytes: Buffer
}

/** The largest that is kept, in pixels; who asks for more gets this. */
const largest = 512

/** The picture of a person, `size` pixels wide or the next larger. Throws `not_found`, also when one of the two blocked the other. */
export async function getAvatar(
  { pool }: UsersContext,
  actor: Actor,
  { userId, size, v }: { userId: string } & RouteQuery<typeof usersApi.getAvatar>,
): Promise<FileBody> {
  const { rows } = await pool.query<Picture>(
    `SELECT a.size, a.etag, a.bytes FROM users u JOIN avatars a ON a.user_id = u.id
WHERE u.id = $2 AND a.size >= $3 AND ${notBlocked('$1')} ORDER BY a.size LIMIT 1`,
    [actor.userId, userId, Math.min(size, largest)],
  )
  if (!rows[0]) throw new AppError('not_found')
  const { etag, size: side, bytes } = rows[0]
  const isNamed = v === etag.slice(0, 12)
  return new FileBody({
    mediaType: 'image/webp',
    etag: `${etag}-${side}`,
    size: bytes.length,
    // An address that names this very picture never means another.
    headers: { 'cache-control': isNamed ? 'private, max-age=31536000, immutable' : 'private, max-age=300' },
    open: (range) => (range ? bytes.subarray(range.start, range.end + 1) : bytes),
  })
}
