import { AppError, FileBody } from '@finnigram/service-kit'
import { originalKey } from '../attachments/store/keys.ts'
import type { MessagesContext } from '../context.ts'

/** The bytes of a file that a person uploaded. Throws `not_found`. */
export async function exportAttachment(
  { prisma, files }: MessagesContext,
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
