import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type { Attachment } from '@finnigram/contracts'
import { type Actor, AppError, type ByteRange, FileBody, type SlotPool } from '@finnigram/service-kit'
import type { WithPool } from '../../deps.ts'
import { unknownCharset } from '../finish/sniff-type.ts'
import { originalKey, thumbnailKey, type WithFiles } from '../store/file-store.ts'
import { findAttachment } from './find-attachment.ts'

/** Who fetches files now; bounds how many do at once. */
export interface WithDownloads {
  readonly downloads: SlotPool
}

/**
 * The bytes of an attachment, or a range of them. Throws `not_found`. Opening it throws
 * `rate_limited` or `unavailable` when too many files are being fetched.
 */
export async function getAttachment(
  ctx: WithDownloads & WithFiles & WithPool,
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

/**
 * Holds a place while the bytes are read. When all are taken, it may be given to a person who
 * fetches less.
 */
async function openInPlace(
  { files, downloads }: WithDownloads & WithFiles,
  { userId }: Actor,
  { key, range }: { key: string; range: ByteRange | undefined },
): Promise<Readable> {
  let bytes: Readable | undefined
  let isRevoked = false
  const place = downloads.take(userId, () => {
    isRevoked = true
    bytes?.destroy(new AppError('unavailable'))
  })
  try {
    bytes = await files.open(key, range)
    // The place was revoked while the file was being opened.
    if (isRevoked) {
      bytes.destroy()
      throw new AppError('unavailable', { retryAfter: 1 })
    }
    return bytes.once('close', () => place[Symbol.dispose]())
  } catch (error) {
    place[Symbol.dispose]()
    throw error
  }
}

interface WantedThumbnail {
  attachmentId: string
  /** Longest side, in pixels. */
  size: number
}

/**
 * The smallest thumbnail that is large enough, or else the largest. Throws `not_found`, also for
 * what has none.
 */
export async function getThumbnail(
  ctx: WithFiles & WithPool,
  actor: Actor,
  { attachmentId, size }: WantedThumbnail,
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

/** The metadata of an attachment. Throws `not_found`. */
export async function getAttachmentInfo(
  ctx: WithPool,
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

/**
 * Headers that make a stranger's file harmless. Nothing in it runs, and only pictures, audio and
 * video are shown inline. Only the client caches it, and revalidates each time.
 */
function fileHeaders({
  kind,
  name,
  mediaType,
}: Pick<Attachment, 'kind' | 'name' | 'mediaType'>): Record<string, string> {
  const disposition = kind !== 'file' && shownInline.has(mediaType) ? 'inline' : 'attachment'
  return {
    'content-disposition': `${disposition}; filename*=UTF-8''${encodeName(name)}`,
    'content-security-policy': "sandbox; default-src 'none'",
    'cross-origin-resource-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    'cache-control': 'private, no-cache',
  }
}

/** Types that browsers show without running anything in them. */
const shownInline = new Set([
  ...['jpeg', 'png', 'webp', 'gif'].map((type) => `image/${type}`),
  ...['mpeg', 'mp4', 'x-m4a', 'aac', 'ogg', 'wav', 'flac', 'webm'].map((type) => `audio/${type}`),
  ...['mp4', 'webm', 'ogg', 'quicktime'].map((type) => `video/${type}`),
])

/**
 * Encodes a value by RFC 8187, where a few characters that `encodeURIComponent` leaves are special.
 */
const encodeName = (name: string): string =>
  encodeURIComponent(name).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
