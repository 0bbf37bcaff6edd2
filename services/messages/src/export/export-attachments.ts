import type { messagesApi, RouteParams, RouteQuery, RouteReply } from '@finnigram/contracts'
import { AppError, FileBody } from '@finnigram/service-kit'
import { type AttachmentRow, attachmentColumns } from '../attachments/fetch/find-attachment.ts'
import { originalKey, type WithFiles } from '../attachments/store/file-store.ts'
import type { WithPool, WithPrisma } from '../deps.ts'

type ExportAttachments = typeof messagesApi.exportAttachments

/** Attachments of one page. */
const filesAtOnce = 500

/** The files that a person uploaded, sent or not, by id. */
export async function exportAttachments(
  { pool }: WithPool,
  { userId, after }: RouteParams<ExportAttachments> & RouteQuery<ExportAttachments>,
): Promise<RouteReply<ExportAttachments>> {
  const { rows } = await pool.query<AttachmentRow>(
    `SELECT ${attachmentColumns} FROM attachments a JOIN blobs b ON b.id = a.blob_id
WHERE a.owner_id = $1 AND ($2::uuid IS NULL OR a.id > $2) ORDER BY a.id LIMIT ${filesAtOnce}`,
    [userId, after ?? null],
  )
  const items = rows.map(({ blobId: _blob, sha256: _hash, thumbnails: _sides, ...attachment }) => attachment)
  return { items, nextAfter: items.length === filesAtOnce ? (items.at(-1)?.id ?? null) : null }
}

/** The bytes of a file that a person uploaded. Throws `not_found`. */
export async function exportAttachment(
  { prisma, files }: WithFiles & WithPrisma,
  { userId, attachmentId }: { userId: string; attachmentId: string },
): Promise<FileBody> {
  const attachment = await prisma.attachment.findFirst({ where: { id: attachmentId, ownerId: userId } })
  if (!attachment) throw new AppError('not_found')
  return new FileBody({
    mediaType: 'application/octet-stream',
    size: Number(attachment.size),
    open: (range) => files.open(originalKey(attachment.blobId), range),
  })
}
