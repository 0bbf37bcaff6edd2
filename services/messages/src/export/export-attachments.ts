import type { messagesApi, RouteParams, RouteQuery, RouteReply } from '@finnigram/contracts'
import { type AttachmentRow, attachmentColumns } from '../attachments/fetch/attachment-row.ts'
import type { MessagesContext } from '../context.ts'

type Export = typeof messagesApi.exportAttachments

/** Attachments of one page. */
const page = 500

/** What a person uploaded, sent or not, by id. */
export async function exportAttachments(
  { pool }: MessagesContext,
  { userId, after }: RouteParams<Export> & RouteQuery<Export>,
): Promise<RouteReply<Export>> {
  const { rows } = await pool.query<AttachmentRow>(
    `SELECT ${attachmentColumns} FROM attachments a JOIN blobs b ON b.id = a.blob_id
WHERE a.owner_id = $1 AND ($2::uuid IS NULL OR a.id > $2) ORDER BY a.id LIMIT ${page}`,
    [userId, after ?? null],
  )
  const items = rows.map(({ blobId: _blob, sha256: _hash, thumbnails: _sides, ...attachment }) => attachment)
  return { items, nextAfter: items.length === page ? (items.at(-1)?.id ?? null) : null }
}
