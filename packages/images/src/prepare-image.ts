import sharp, { type Sharp } from 'sharp'
import { rgbaToThumbHash } from 'thumbhash'
import type { ImageType } from './image-type.ts'
import { UnreadableImage } from './image-type.ts'

import type { Stripper } from './strip/create-stripper.ts'

/** Longest sides of thumbnails, in pixels. */
export const sides = [320, 1280]
const hashedSide = 100

export interface PictureFile {
  /** Where the picture is. */
  path: string
  /** Where to write what may be shown to others; nothing may be there. */
  into: string
  type: ImageType
}

export interface PreparedImage {
  mediaType: Exclude<ImageType, 'image/avif'>
  /** Bytes of the file that may be shown to others. */
  size: number
  /** In pixels, upright. */
  width: number
  height: number
  /** ThumbHash, in base64. */
  thumbHash: string
  /**
   * WebP, the smallest first, by their longest side in pixels; of a picture that moves, the first
   * frame.
   */
  thumbnails: { side: number; bytes: Buffer }[]
}

/**
 * Makes a picture fit to be shown to others: without metadata, upright, with thumbnails. Its pixels
 * stay as they are, unless it has to be turned or is an AVIF, which becomes a WebP; what moves goes
 * on moving. It goes from file to file: what is held of it in memory does not grow with its size.
 * Throws `UnreadableImage` for what is damaged, has over 50 megapixels or a side over 16,384.
 */
export async function prepareImage(file: PictureFile, stripper: Stripper): Promise<PreparedImage> {
  const opened = await openImage(file.path)
  // Decoding it all also finds out whether it is whole: what fails later is not the fault of the
  // picture.
  const thumbnails = await makeThumbnails(opened).catch(asUnreadable)
  const clean = await cleanImage({ ...file, stripper }, opened)
  const { width, height } = opened
  return { ...clean, ...thumbnails, width, height }
}

/** The thumbnails of a picture that is upright, and its ThumbHash. */
export async function makeThumbnails({
  image,
  width,
  height,
}: Pick<OpenedImage, 'image' | 'width' | 'height'>) {
  const longest = Math.max(width, height)
  const wanted = [
    ...sides.filter((side) => side < longest),
    ...(longest <= Math.max(...sides) ? [longest] : []),
  ]
  const { data, info } = await inside(image.clone(), Math.max(...wanted))
  const base = () => sharp(data, { raw: { width: info.width, height: info.height, channels: 4 } })
  const thumbnails = []
  for (const side of wanted) {
    const bytes = await base()
      .resize(side, side, { fit: 'inside', withoutEnlargement: true })
      .webp({ quality: 80 })
      .toBuffer()
    thumbnails.push({ side, bytes })
  }
  const tiny = await inside(base(), hashedSide)
  const hash = rgbaToThumbHash(tiny.info.width, tiny.info.height, tiny.data)
  return { thumbnails, thumbHash: Buffer.from(hash).toString('base64') }
}

const inside = (image: Sharp, side: number) =>
  image
    .resize(side, side, { fit: 'inside', withoutEnlargement: true })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })

async function cleanImage(
  { path, into, type, stripper }: PictureFile & { stripper: Stripper },
  { image, isUpright, isAnimated }: OpenedImage,
): Promise<Pick<PreparedImage, 'mediaType' | 'size'>> {
  const encode = async (encoder: Sharp) => (await encoder.toFile(into)).size
  if (type === 'image/avif') {
    return { mediaType: 'image/webp', size: await encode(image.webp({ quality: 90 })) }
  }
  const isKept = isUpright || type === 'image/gif' || (type === 'image/webp' && isAnimated)
  if (isKept) return { mediaType: type, size: await stripper.strip({ from: path, to: into, type }) }
  if (type === 'image/webp') return { mediaType: type, size: await encode(image.webp({ quality: 92 })) }
  if (type === 'image/png') return { mediaType: type, size: await encode(image.png()) }
  return { mediaType: type, size: await encode(image.jpeg({ quality: 92 })) }
}

/** Pixels of a picture at most: some 200 MB once it is decoded. */
export const maxPixels = 50_000_000
/** Pixels of a side at most. */
export const maxSide = 16_384

// Nothing is kept between pictures, and each takes one thread: `createPictures` says how many are
// open at once.
sharp.cache(false)
sharp.concurrency(1)
// Only these readers are ever tried, whatever the bytes pretend to be.
sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({
  operation: ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Heif'].map((name) => `VipsForeignLoad${name}`),
})

interface OpenedImage {
  /** Upright: what the camera said of its orientation is applied to whatever is made of it. */
  readonly image: Sharp
  /** In pixels, upright. */
  readonly width: number
  readonly height: number
  /** Whether the stored pixels lie as they are to be seen. */
  readonly isUpright: boolean
  readonly isAnimated: boolean
}

/**
 * Reads the head of a picture, of bytes or of the file at a path; its pixels are not decoded before
 * its size is known to be bearable. Throws `UnreadableImage`.
 */
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
