import { AppError, createBulkhead, type Metrics } from '@finnigram/service-kit'
import { type HeifPreview, previewHeif } from './heif/preview-heif.ts'
import type { MovieType, RareImageType } from './image-type.ts'
import { UnreadableImage } from './image-type.ts'
import { type PictureFile, type PreparedImage, prepareImage } from './prepare-image.ts'
import { createStripper } from './strip/create-stripper.ts'
import { type Avatar, toAvatar } from './to-avatar.ts'

/**
 * Opens pictures one after the other; people take turns. All throw `unavailable` where there is no
 * turn in time.
 */
export interface Pictures extends AsyncDisposable {
  /** `prepareImage`, in turn. */
  prepare(ownerId: string, file: PictureFile): Promise<PreparedImage>
  /** `Stripper.strip`, in turn: a picture that few can show, or a film, stays what it is. */
  strip(
    ownerId: string,
    file: { path: string; into: string; type: RareImageType | MovieType },
  ): Promise<number>
  /** `previewHeif`, in turn. */
  preview(ownerId: string, path: string): Promise<HeifPreview>
  /**
   * Cuts a picture that somebody sent. Throws `unsupported_media_type` for what is no picture that
   * is safe to open.
   */
  cutAvatar(ownerId: string, bytes: Uint8Array): Promise<Avatar>
}

/**
 * A picture may take some hundred megabytes while it is decoded, and about a second. Who waits
 * holds a few megabytes at most.
 */
const turns = {
  atOnce: 1,
  mostWaiting: 32,
  mostWaitingOfOne: 4,
  patienceMs: 30_000,
}

export function createPictures({ metrics }: { metrics: Metrics }): Pictures {
  const places = createBulkhead({ ...turns, measured: { name: 'pictures', metrics } })
  const stripper = createStripper()
  const previews = metrics.counter(
    'heif_previews_total',
    'HEIC pictures of which a preview was made, and those that went as a file instead',
    ['outcome'],
  )
  const preview = async (path: string) => {
    try {
      const made = await previewHeif(path)
      previews.inc({ outcome: 'made' })
      return made
    } catch (error) {
      if (error instanceof UnreadableImage) previews.inc({ outcome: 'refused' })
      throw error
    }
  }
  return {
    prepare: (ownerId, file) => places.run(ownerId, () => prepareImage(file, stripper)),
    strip: (ownerId, { path, into, type }) =>
      places.run(ownerId, () => stripper.strip({ from: path, to: into, type })),
    preview: (ownerId, path) => places.run(ownerId, () => preview(path)),
    cutAvatar: (ownerId, bytes) => places.run(ownerId, () => toAvatar(bytes).catch(refuse)),
    [Symbol.asyncDispose]: () => stripper[Symbol.asyncDispose](),
  }
}

function refuse(cause: unknown): never {
  if (!(cause instanceof UnreadableImage)) throw cause
  throw new AppError('unsupported_media_type', { detail: cause.message, cause })
}
