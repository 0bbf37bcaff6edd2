import { createHash } from 'node:crypto'
import sharp from 'sharp'
import { imageType, UnreadableImage } from './image-type.ts'
import { asUnreadable, openImage } from './prepare-image.ts'

/** Sides of the squares, in pixels. */
const sizes = [64, 128, 256, 512] as const
/** The side of the largest, in pixels; who asks for more gets this. */
export const largestAvatar = 512

export interface Avatar {
  /** SHA-256 of the pictures, in hexadecimal. */
  etag: string
  pictures: { size: (typeof sizes)[number]; bytes: Buffer }[]
}

/**
 * Squares of the middle of a picture, upright, as WebP without any metadata; of one that moves, the
 * first frame. Throws `UnreadableImage` for what is no JPEG, PNG, WebP, GIF or AVIF, is damaged,
 * has over 50 megapixels or a side over 16,384.
 */
export async function toAvatar(bytes: Uint8Array): Promise<Avatar> {
  if (!(await imageType(bytes))) throw new UnreadableImage('This is no JPEG, PNG, WebP, GIF or AVIF')
  const square = await cutSquare(bytes)
  const pictures = []
  for (const size of sizes) pictures.push({ size, bytes: await shrink(square, size) })
  const hash = createHash('sha256')
  for (const picture of pictures) hash.update(picture.bytes)
  return { etag: hash.digest('hex'), pictures }
}

async function cutSquare(bytes: Uint8Array): Promise<Buffer> {
  const { image } = await openImage(bytes)
  return image
    .resize(largestAvatar, largestAvatar, { fit: 'cover' })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer()
    .catch(asUnreadable)
}

const shrink = (square: Buffer, size: number): Promise<Buffer> =>
  sharp(square, { raw: { width: largestAvatar, height: largestAvatar, channels: 4 } })
    .resize(size, size)
    .webp({ quality: 82 })
    .toBuffer()

/** A stored square. */
export interface StoredPicture {
  size: number
  etag: string
  bytes: Buffer
}

/** Names these pictures in their address, so that it changes with them. */
export const avatarVersion = (etag: string): string => etag.slice(0, 12)
