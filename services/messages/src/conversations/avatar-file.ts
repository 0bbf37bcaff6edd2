import { AppError, FileBody } from '@finnigram/service-kit'
import type { MessagesContext } from '../context.ts'

/** The largest that is kept, in pixels; who asks for more gets this. */
const largest = 512

const select = `SELECT size, etag, bytes FROM conversation_avatars
WHERE conversation_id = $1 AND size >= $2 ORDER BY size LIMIT 1`

/** The picture of a group as a file, `size` pixels wide or the next larger. Who may see it is for the caller to check. Throws `not_found` when there is none. */
export async function avatarFile(
  { pool }: Pick<MessagesContext, 'pool'>,
  { conversationId, size }: { conversationId: string; size: number },
): Promise<FileBody> {
  const { rows } = await pool.query<{ size: number; etag: string; bytes: Buffer }>({
    name: 'group-avatar',
    text: select,
    values: [conversationId, Math.min(size, largest)],
  })
  const [picture] = rows
  if (!picture) throw new AppError('not_found')
  const { bytes } = picture
  return new FileBody({
    mediaType: 'image/webp',
    etag: `${picture.etag}-${picture.size}`,
    size: bytes.length,
    // The address of a picture changes with it.
    headers: { 'cache-control': 'private, max-age=86400' },
    open: (range) => (range ? bytes.subarray(range.start, range.end + 1) : bytes),
  })
}
