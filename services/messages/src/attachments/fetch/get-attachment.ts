import type { Readable } from 'node:stream'
import { type Actor, AppError, type ByteRange, FileBody } from '@finnigram/service-kit'
import type { MessagesContext } from '../../context.ts'
import { unknownCharset } from '../finish/sniff-type.ts'
import { originalKey } from '../store/keys.ts'
import { fileHeaders } from './file-headers.ts'
import { findAttachment } from './find-attachment.ts'

/** The bytes of an attachment, or a part of them. Throws `not_found`; where too many are being fetched, `rate_limited` or `unavailable` when it is opened. */
export async function getAttachment(
  ctx: Pick<MessagesContext, 'pool' | 'files' | 'downloads'>,
  actor: Actor,
  attachmentId: string,
): Promise<FileBody> {
  const { kind, name, mediaType, size, sha256, blobId } = await findAttachment(ctx, actor, attachmentId)
  return new FileBody({
    mediaType: withCharset(mediaType),
    etag: sha256,
    size,
    headers: fileHeaders({ kind, name, mediaType }),
    open: (range) => openInPlace(ctx, actor, { key: originalKey(blobId), range }),
  })
}

const withCharset = (mediaType: string): string => {
  if (mediaType === 'text/plain') return 'text/plain; charset=utf-8'
  return mediaType.endsWith(`charset=${unknownCharset}`) ? 'text/plain' : mediaType
}

/** Holds a place as long as the bytes are read. Where all are taken, it may be given to somebody who fetches less. */
async function openInPlace(
  { files, downloads }: Pick<MessagesContext, 'files' | 'downloads'>,
  { userId }: Actor,
  { key, range }: { key: string; range: ByteRange | undefined },
): Promise<Readable> {
  let bytes: Readable | undefined
  let isTaken = false
  const place = downloads.take(userId, () => {
    isTaken = true
    bytes?.destroy(new AppError('unavailable'))
  })
  try {
    bytes = await files.open(key, range)
    // The place went to somebody else while the file was being opened.
    if (isTaken) {
      bytes.destroy()
      throw new AppError('unavailable', { retryAfter: 1 })
    }
    return bytes.once('close', () => place[Symbol.dispose]())
  } catch (error) {
    place[Symbol.dispose]()
    throw error
  }
}
