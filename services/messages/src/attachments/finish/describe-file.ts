import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Attachment } from '@finnigram/contracts'
import { imageType, movieType, type PreparedImage, rareImageType, UnreadableImage } from '@finnigram/images'
import { AppError } from '@finnigram/service-kit'
import type { WithPictures } from '../../deps.ts'
import { withFittingEnding } from '../uploads/file-name.ts'
import type { UploadRow } from '../uploads/upload-row.ts'
import type { AssembledUpload } from './assemble-upload.ts'
import { sniffType } from './sniff-type.ts'

/** A file as it will be stored. */
export interface DescribedFile
  extends Pick<Attachment, 'kind' | 'name' | 'mediaType' | 'size' | 'width' | 'height' | 'thumbHash'> {
  sha256: Buffer
  /** The file with its bytes: those uploaded, or those without metadata that replace them. */
  path: string
  thumbnails: PreparedImage['thumbnails']
}

interface ReceivedFile extends AssembledUpload {
  /** The work folder, and the file in it. */
  folder: string
  path: string
}

/**
 * Finds out what was uploaded. Pictures and films lose their metadata, and pictures that every
 * client can show get thumbnails. Sent as a file, they stay as they are. Throws
 * `unsupported_media_type` for one that is damaged or too large to open.
 */
export async function describeFile(
  { pictures }: WithPictures,
  upload: UploadRow,
  { folder, path, head, sha256 }: ReceivedFile,
): Promise<DescribedFile> {
  const { name, length, claimedType, ownerId, asFile } = upload
  const into = join(folder, 'picture')
  const picture = asFile ? undefined : await imageType(head)
  if (picture) {
    const prepared = await pictures.prepare(ownerId, { path, into, type: picture }).catch(refuse)
    const fitting = withFittingEnding(name, prepared.mediaType)
    return { ...prepared, kind: 'image', name: fitting, path: into, sha256: await hashOf(into) }
  }
  const rare = await rareImageType(head)
  const mediaType = rare ?? (await sniffType(head, claimedType))
  const type = asFile ? undefined : (rare ?? movieType(mediaType))
  if (type) await pictures.strip(ownerId, { path, into, type }).catch(refuse)
  const bytes = type
    ? { path: into, size: (await stat(into)).size, sha256: await hashOf(into) }
    : { path, size: length, sha256 }
  const preview = type?.startsWith('image/hei')
    ? await pictures.preview(ownerId, into).catch(noPreview)
    : undefined
  return {
    kind: asFile ? 'file' : preview ? 'image' : kindOf(mediaType),
    name: withFittingEnding(name, mediaType),
    mediaType,
    ...(preview ?? { width: null, height: null, thumbHash: null, thumbnails: [] }),
    ...bytes,
  }
}

/** A picture that cannot be decoded becomes a file without thumbnails. */
function noPreview(error: unknown): undefined {
  if (!(error instanceof UnreadableImage)) throw error
}

async function hashOf(path: string): Promise<Buffer> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest()
}

function kindOf(mediaType: string): Attachment['kind'] {
  if (mediaType.startsWith('video/')) return 'video'
  return mediaType.startsWith('audio/') ? 'audio' : 'file'
}

function refuse(error: unknown): never {
  if (!(error instanceof UnreadableImage)) throw error
  throw new AppError('unsupported_media_type', {
    detail: 'The picture or film is damaged, or too large to be opened; it can be sent as a file',
    cause: error,
  })
}
