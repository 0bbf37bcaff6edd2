import { avatarFile, largestAvatar, type StoredPicture } from '@finnigram/images'
import { AppError, type FileBody } from '@finnigram/service-kit'
import type { MessagesContext } from '../context.ts'

const select = `SELECT size, etag, bytes FROM conversation_avatars
WHERE conversation_id = $1 AND size >= $2 ORDER BY size LIMIT 1`

/** The picture of a group as a file, `size` pixels wide or the next larger. Who may see it is for the caller to check. Throws `not_found` when there is none. */
export async function loadAvatar(
  { pool }: Pick<MessagesContext, 'pool'>,
  { conversationId, size, v }: { conversationId: string; size: number; v?: string | undefined },
): Promise<FileBody> {
  const { rows } = await pool.query<StoredPicture>({
    name: 'group-avatar',
    text: select,
    values: [conversationId, Math.min(size, largestAvatar)],
  })
  if (!rows[0]) throw new AppError('not_found')
  return avatarFile(rows[0], v)
}
