import sharp, { type Sharp } from 'sharp'
import { UnreadableImage } from './unreadable-image.ts'

/** Pixels of a picture at most: some 200 MB once it is decoded. */
export const maxPixels = 50_000_000
/** Pixels of a side at most. */
export const maxSide = 16_384

// Nothing is kept between pictures, and each takes one thread: `createPictures` says how many are open at once.
sharp.cache(false)
sharp.concurrency(1)
// Only these readers are ever tried, whatever the bytes pretend to be.
sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({
  operation: ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Heif'].map((name) => `VipsForeignLoad${name}`),
})

export interface OpenedImage {
  /** Upright: what the camera said of its orientation is applied to whatever is made of it. */
  readonly image: Sharp
  /** In pixels, upright. */
  readonly width: number
  readonly height: number
  /** Whether the stored pixels lie as they are to be seen. */
  readonly isUpright: boolean
  readonly isAnimated: boolean
}

/** Reads the head of a picture, of bytes or of the file at a path; its pixels are not decoded before its size is known to be bearable. Throws `UnreadableImage`. */
export async function openImage(picture: Uint8Array | string): Promise<OpenedImage> {
  const image = sharp(picture, { failOn: 'error', limitInputPixels: maxPixels, sequentialRead: true })
  const { autoOrient, orientation, pages } = await image.metadata().catch(asUnreadable)
  const { width, height } = autoOrient
  if (width > maxSide || height > maxSide || width * height > maxPixels) {
    throw new UnreadableImage(`A picture of ${width} × ${height} pixels is too large`)
  }
  return {
    image: image.autoOrient(),
    width,
    height,
    isUpright: (orientation ?? 1) === 1,
    isAnimated: (pages ?? 1) > 1,
  }
}

/** What the decoder says of bytes it cannot read. */
export function asUnreadable(cause: unknown): never {
  if (cause instanceof UnreadableImage) throw cause
  throw new UnreadableImage('The picture cannot be read', { cause })
}
