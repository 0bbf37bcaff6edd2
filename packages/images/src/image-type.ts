import { fileTypeFromBuffer } from 'file-type'

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

/**
 * What raster image these bytes begin as, by their own look: JPEG, PNG, WebP, GIF or AVIF;
 * undefined for anything else (SVG is a document).
 */
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
 * What picture these first bytes of a file begin as that few can show, by their own look: HEIC and
 * other HEIF, TIFF, JPEG 2000 or JPEG XL. Raw pictures of cameras are TIFFs, too, but other types.
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

/**
 * The bytes are no raster image that is safe to open: of another type, damaged, cut off, or too
 * large once decoded.
 */
export class UnreadableImage extends Error {
  override readonly name = 'UnreadableImage'
}

/**
 * As what kind of file these bytes begin, by their own look, such as `video/mp4`; undefined for
 * texts and what is not known. Give it the first bytes of a file, some thousand at least.
 */
export async function mediaType(head: Uint8Array): Promise<string | undefined> {
  const found = await fileTypeFromBuffer(head).catch(() => undefined)
  return found?.mime.split(';', 1)[0]?.trim()
}

const movies = [
  'video/mp4',
  'video/quicktime',
  'video/x-m4v',
  'video/3gpp',
  'video/3gpp2',
  'audio/mp4',
  'audio/x-m4a',
] as const

/** Films and recordings in boxes (ISO/IEC 14496-12), which are stripped where they lie. */
export type MovieType = (typeof movies)[number]

/** Which of these a media type is, if one. */
export const movieType = (type: string): MovieType | undefined => movies.find((movie) => movie === type)
