import { type Actor, AppError } from '@finnigram/service-kit'
import type { MessagesContext } from '../../context.ts'
import { type AttachmentRow, attachmentColumns } from './attachment-row.ts'

/**
 * An attachment that the caller may fetch now: uploaded by themselves, or carried by a message they can read. Throws
 * `not_found` for everyone else. Asked anew every time, because people leave and messages are deleted.
 */
export async function findAttachment(
  { pool }: Pick<MessagesContext, 'pool'>,
  { userId }: Actor,
  attachmentId: string,
): Promise<AttachmentRow> {
  const { rows } = await pool.query<AttachmentRow>(
    `SELECT ${attachmentColumns} FROM attachments a JOIN blobs b ON b.id = a.blob_id
WHERE a.id = $1 AND (
  a.owner_id = $2 OR EXISTS (
    SELECT FROM attachment_uses u
    JOIN participants p ON p.conversation_id = u.conversation_id AND p.user_id = $2
    WHERE u.attachment_id = a.id AND p.left_version IS NULL AND u.seq > p.joined_seq
  )
)`,
    [attachmentId, userId],
  )
  const [row] = rows
  if (!row) throw new AppError('not_found')
  return row
}
