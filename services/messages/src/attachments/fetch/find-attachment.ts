import type { Attachment } from '@finnigram/contracts'
import { type Actor, AppError } from '@finnigram/service-kit'
import type { WithPool } from '../../deps.ts'

/**
 * An attachment that the caller may fetch now: their own upload, or carried by a message they can
 * read. Throws `not_found` for everyone else. Never cached: people leave, messages are deleted.
 */
export async function findAttachment(
  { pool }: WithPool,
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

/** An attachment with what is known of its bytes. */
export interface AttachmentRow extends Attachment {
  blobId: string
  /** SHA-256 of the bytes, in hexadecimal. */
  sha256: string
  /** Longest sides of its thumbnails, ascending. */
  thumbnails: number[]
}

/** An attachment `a` with its blob `b`. Sizes stay far below 2^53. */
export const attachmentColumns = `a.id, a.kind, a.name, a.media_type AS "mediaType", a.size::float8 AS size, a.width, a.height,
a.thumb_hash AS "thumbHash", b.id AS "blobId", encode(b.sha256, 'hex') AS sha256, b.thumbnails`
