import { type Actor, FileBody } from '@finnigram/service-kit'
import type { MessagesContext } from '../../context.ts'
import { originalKey } from '../store/keys.ts'
import { fileHeaders } from './file-headers.ts'
import { findAttachment } from './find-attachment.ts'

/** The bytes of an attachment, or a part of them. Throws `not_found`. */
export async function getAttachment(
  ctx: Pick<MessagesContext, 'pool' | 'files'>,
  actor: Actor,
  attachmentId: string,
): Promise<FileBody> {
  const { kind, name, mediaType, size, sha256, blobId } = await findAttachment(ctx, actor, attachmentId)
  return new FileBody({
    mediaType: mediaType === 'text/plain' ? 'text/plain; charset=utf-8' : mediaType,
    etag: sha256,
    size,
    headers: fileHeaders({ kind, name, mediaType }),
    open: (range) => ctx.files.open(originalKey(blobId), range),
  })
}
