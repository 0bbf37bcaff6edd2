import { mediaType } from './media-type.ts'

const known = {
  'image/jpeg': 'image/jpeg',
  'image/png': 'image/png',
  // A PNG that moves is one to whoever cannot play it.
  'image/apng': 'image/png',
  'image/webp': 'image/webp',
  'image/gif': 'image/gif',
  'image/avif': 'image/avif',
} as const

export type ImageType = (typeof known)[keyof typeof known]

/** What raster image these bytes begin as, by their own look: JPEG, PNG, WebP, GIF or AVIF; undefined for anything else (SVG is a document). */
export async function imageType(bytes: Uint8Array): Promise<ImageType | undefined> {
  const found = await mediaType(bytes.subarray(0, 4100))
  return Object.entries(known).find(([type]) => type === found)?.[1]
}
