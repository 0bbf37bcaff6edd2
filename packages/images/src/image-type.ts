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

const rarelyShown = [
  'image/heic',
  'image/heic-sequence',
  'image/heif',
  'image/heif-sequence',
  'image/tiff',
  'image/jp2',
  'image/jpx',
  'image/jpm',
  'image/j2c',
  'image/jxl',
] as const

/** Pictures that few can show: they go as files, without what they told of their owner. */
export type RareImageType = (typeof rarelyShown)[number]

/**
 * Brands of HEIF that are no type of their own to others: pictures of several layers or views, and
 * of other codecs.
 */
const brands: Readonly<Record<string, RareImageType>> = {
  ...{ heim: 'image/heic', heis: 'image/heic', hevm: 'image/heic-sequence', hevs: 'image/heic-sequence' },
  ...{ mif2: 'image/heif', miaf: 'image/heif', avci: 'image/heif', avcs: 'image/heif-sequence' },
}

/** Marks of a TIFF and a BigTIFF, in either byte order. */
const tiffMarks = ['II*\0', 'MM\0*', 'II+\0', 'MM\0+']

/**
 * What picture these first bytes of a file begin as that few can show, by their own look: HEIC and other HEIF, TIFF,
 * JPEG 2000 or JPEG XL. Raw pictures of cameras are TIFFs, too, but other types.
 */
export async function rareImageType(head: Uint8Array): Promise<RareImageType | undefined> {
  const start = Buffer.from(head.subarray(0, 12)).toString('latin1')
  const branded = start.startsWith('ftyp', 4) ? brands[start.slice(8)] : undefined
  if (branded) return branded
  const found = await mediaType(head)
  // Where the table of a TIFF lies at its end, its beginning has the mark only.
  if (found === undefined && tiffMarks.includes(start.slice(0, 4))) return 'image/tiff'
  return rarelyShown.find((type) => type === found)
}
