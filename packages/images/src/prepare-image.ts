import sharp, { type Sharp } from 'sharp'
import { rgbaToThumbHash } from 'thumbhash'
import type { ImageType } from './image-type.ts'
import { inTurn } from './in-turn.ts'
import { asUnreadable, type OpenedImage, openImage } from './open-image.ts'
import { stripGif } from './strip/strip-gif.ts'
import { stripJpeg } from './strip/strip-jpeg.ts'
import { stripPng } from './strip/strip-png.ts'
import { stripWebp } from './strip/strip-webp.ts'

/** Longest sides of thumbnails, in pixels. */
const sides = [320, 1280]
const hashedSide = 100

export interface PreparedImage {
  mediaType: Exclude<ImageType, 'image/avif'>
  /** What may be shown to others. */
  bytes: Uint8Array
  /** In pixels, upright. */
  width: number
  height: number
  /** ThumbHash, in base64. */
  thumbHash: string
  /** WebP, the smallest first, by their longest side in pixels; of a picture that moves, the first frame. */
  thumbnails: { side: number; bytes: Buffer }[]
}

/**
 * Makes a picture fit to be shown to others: without metadata, upright, with thumbnails. Its pixels stay as they are,
 * unless it has to be turned or is an AVIF, which becomes a WebP; what moves goes on moving. Throws `UnreadableImage` for
 * what is damaged, has over 50 megapixels or a side over 16,384.
 */
export const prepareImage = (bytes: Uint8Array, type: ImageType): Promise<PreparedImage> =>
  inTurn(async () => {
    const opened = await openImage(bytes)
    // Decoding it all also finds out whether it is whole.
    const thumbnails = await makeThumbnails(opened)
    const clean = await cleanImage(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), {
      type,
      opened,
    })
    const { width, height } = opened
    return { ...clean, ...thumbnails, width, height }
  }).catch(asUnreadable)

async function makeThumbnails({ image, width, height }: OpenedImage) {
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
  bytes: Buffer,
  { type, opened }: { type: ImageType; opened: OpenedImage },
): Promise<Pick<PreparedImage, 'mediaType' | 'bytes'>> {
  const { image, isUpright, isAnimated } = opened
  if (type === 'image/avif')
    return { mediaType: 'image/webp', bytes: await image.webp({ quality: 90 }).toBuffer() }
  if (type === 'image/gif') return { mediaType: type, bytes: stripGif(bytes) }
  if (type === 'image/webp') {
    const isKept = isUpright || isAnimated
    return {
      mediaType: type,
      bytes: isKept ? stripWebp(bytes) : await image.webp({ quality: 92 }).toBuffer(),
    }
  }
  if (type === 'image/png') {
    return { mediaType: type, bytes: isUpright ? stripPng(bytes) : await image.png().toBuffer() }
  }
  return {
    mediaType: type,
    bytes: isUpright ? stripJpeg(bytes) : await image.jpeg({ quality: 92 }).toBuffer(),
  }
}
