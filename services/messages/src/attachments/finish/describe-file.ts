import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Attachment } from '@finnigram/contracts'
import { imageType, type PreparedImage, prepareImage, UnreadableImage } from '@finnigram/images'
import { AppError } from '@finnigram/service-kit'
import { withFittingEnding } from '../uploads/file-name.ts'
import type { UploadRow } from '../uploads/upload-row.ts'
import type { Gathered } from './gather-pieces.ts'
import { sniffType } from './sniff-type.ts'

/** A file as it is going to be kept. */
export interface DescribedFile
  extends Pick<Attachment, 'kind' | 'name' | 'mediaType' | 'size' | 'width' | 'height' | 'thumbHash'> {
  sha256: Buffer
  /** Of a picture, what replaces the bytes that came. */
  bytes?: Uint8Array
  thumbnails: PreparedImage['thumbnails']
}

/** Finds out what was uploaded, and makes pictures fit to be shown. Throws `unsupported_media_type` for a picture that is damaged or too large to open. */
export async function describeFile(
  { name, length, claimedType }: UploadRow,
  { path, head, sha256 }: Gathered & { path: string },
): Promise<DescribedFile> {
  const picture = await imageType(head)
  if (picture) {
    const { bytes, ...rest } = await prepareImage(await readFile(path), picture).catch(refuse)
    return {
      ...rest,
      kind: 'image',
      name: withFittingEnding(name, rest.mediaType),
      size: bytes.length,
      bytes,
      sha256: createHash('sha256').update(bytes).digest(),
    }
  }
  const mediaType = await sniffType(head, claimedType)
  return {
    kind: kindOf(mediaType),
    name: withFittingEnding(name, mediaType),
    mediaType,
    size: length,
    width: null,
    height: null,
    thumbHash: null,
    sha256,
    thumbnails: [],
  }
}

function kindOf(mediaType: string): Attachment['kind'] {
  if (mediaType.startsWith('video/')) return 'video'
  return mediaType.startsWith('audio/') ? 'audio' : 'file'
}

function refuse(error: unknown): never {
  if (!(error instanceof UnreadableImage)) throw error
  throw new AppError('unsupported_media_type', {
    detail: 'The picture is damaged, or too large to be opened',
    cause: error,
  })
}
