import { buffer } from 'node:stream/consumers'
import { type Actor, AppError, FileBody } from '@finnigram/service-kit'
import type { MessagesContext } from '../../context.ts'
import { thumbnailKey } from '../store/keys.ts'
import { fileHeaders } from './file-headers.ts'
import { findAttachment } from './find-attachment.ts'

interface Wanted {
  attachmentId: string
  /** Longest side, in pixels. */
  size: number
}

/** The smallest thumbnail of a picture that is large enough, or the largest there is. Throws `not_found`, also for what is no picture. */
export async function getThumbnail(
  ctx: Pick<MessagesContext, 'pool' | 'files'>,
  actor: Actor,
  { attachmentId, size }: Wanted,
): Promise<FileBody> {
  const { name, sha256, blobId, thumbnails } = await findAttachment(ctx, actor, attachmentId)
  const side = thumbnails.find((side) => side >= size) ?? thumbnails.at(-1)
  if (side === undefined) throw new AppError('not_found')
  return new FileBody({
    mediaType: 'image/webp',
    etag: `${sha256}-${side}`,
    headers: fileHeaders({ kind: 'image', name: `${name}.webp`, mediaType: 'image/webp' }),
    open: async () => buffer(await ctx.files.open(thumbnailKey(blobId, side))),
  })
}
