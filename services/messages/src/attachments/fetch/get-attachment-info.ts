import type { Attachment } from '@finnigram/contracts'
import type { Actor } from '@finnigram/service-kit'
import type { MessagesContext } from '../../context.ts'
import { findAttachment } from './find-attachment.ts'

/** What is known of an attachment. Throws `not_found`. */
export async function getAttachmentInfo(
  ctx: Pick<MessagesContext, 'pool'>,
  actor: Actor,
  attachmentId: string,
): Promise<Attachment> {
  const {
    blobId: _blob,
    sha256: _hash,
    thumbnails: _sides,
    ...attachment
  } = await findAttachment(ctx, actor, attachmentId)
  return attachment
}
