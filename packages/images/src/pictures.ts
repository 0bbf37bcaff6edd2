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

/** What the process around lends: a queue, a count, and its own kind of error. */
export interface PictureHost {
  /**
   * Runs `work` when it is its turn; people wait fairly. Throws where there is no place in time.
   */
  run<T>(ownerId: string, work: () => Promise<T>): Promise<T>
  countPreview(outcome: 'made' | 'refused'): void
  /** The error for a file that is no picture. */
  refusal(cause: Error): Error
}

export function createPictures({ run, countPreview, refusal }: PictureHost): Pictures {
  const stripper = createStripper()
  const refuse = (cause: unknown): never => {
    throw cause instanceof UnreadableImage ? refusal(cause) : cause
  }
  const preview = async (path: string) => {
    try {
      const made = await previewHeif(path)
      countPreview('made')
      return made
    } catch (error) {
      if (error instanceof UnreadableImage) countPreview('refused')
      throw error
    }
  }
  return {
    prepare: (ownerId, file) => run(ownerId, () => prepareImage(file, stripper)),
    strip: (ownerId, { path, into, type }) =>
      run(ownerId, () => stripper.strip({ from: path, to: into, type })),
    preview: (ownerId, path) => run(ownerId, () => preview(path)),
    cutAvatar: (ownerId, bytes) => run(ownerId, () => toAvatar(bytes).catch(refuse)),
    [Symbol.asyncDispose]: () => stripper[Symbol.asyncDispose](),
  }
}
