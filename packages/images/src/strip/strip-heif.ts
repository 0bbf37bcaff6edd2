import { UnreadableImage } from '../image-type.ts'
import { type Box, blank, boxesOf } from './boxes.ts'
import type { FileBytes } from './file-bytes.ts'
import { keepMovie } from './keep-movie.ts'
import type { Range } from './stripped.ts'
import { InPlace, type Stripped } from './stripped.ts'

/** Boxes that say how the picture is put together. */
const structure = new Set('pitm iref dinf grpl'.split(' '))
/** Properties of pictures: sizes, colours, decoders, turns; not descriptions and times. */
const properties = new Set(
  `ispe colr pixi hvcC av1C avcC vvcC pasp irot imir clap auxC lsel a1op a1lx rloc clli mdcv cclv amve cmpd uncC cmpC
icef j2kH oinf tols lhvC ster free`.split(/\s+/),
)
/**
 * What an HEIC or another HEIF needs to be shown; everything lies where it lay, and in place of all
 * else are zeros: EXIF, XMP, names of items, descriptions, what no picture refers to (a motion
 * photo's film), what was appended. Throws `UnreadableImage`.
 */
export function stripHeif(file: FileBytes): Stripped {
  const top = [...boxesOf(file, { start: 0, end: file.size }, { isTop: true })]
  const metas = top.filter(({ type }) => type === 'meta')
  const isMoving = top.some(({ type }) => type === 'moov')
  const [meta] = metas
  if (top[0]?.type !== 'ftyp' || metas.length > 1 || !(meta || isMoving)) {
    throw new UnreadableImage('This is no HEIF')
  }
  const stripped = new InPlace()
  const places = top.filter(({ type }) => type === 'mdat')
  const items = meta ? keepMeta(stripped, file, { meta, places }) : []
  for (const { isShown, extents } of items) {
    for (const { start, end } of extents) {
      if (isShown) stripped.keep(start, end)
      // Where frames of a moving picture lie is known to its tables only: all but this stays.
      else if (isMoving) stripped.blank(start, end)
    }
  }
  for (const box of top) {
    if (box.type === 'ftyp') stripped.keep(box.start, box.end)
    else if (box.type === 'moov') keepMovie(stripped, file, box)
    else if (box.type === 'mdat') {
      stripped.keep(box.start, box.body)
      if (isMoving) stripped.keep(box.body, box.end)
    } else if (box.type !== 'meta') blank(stripped, box)
  }
  return stripped.done(top.at(-1)?.end ?? 0)
}

/** Keeps what describes the items, and tells which there are. */
function keepMeta(
  stripped: InPlace,
  file: FileBytes,
  { meta, places }: { meta: Box; places: Box[] },
): HeifItem[] {
  // A full box: its version and flags come first.
  const inside = [...boxesOf(file, { start: meta.body + 4, end: meta.end })]
  stripped.keep(meta.start, meta.body + 4)
  for (const box of inside) {
    if (structure.has(box.type)) stripped.keep(box.start, box.end)
    else if (box.type === 'hdlr') stripped.keep(box.start, Math.min(box.end, box.body + 20))
    else if (box.type === 'iprp') keepProperties(stripped, file, box)
    else if (box.type === 'idat') stripped.keep(box.start, box.body)
    else if (box.type !== 'iinf' && box.type !== 'iloc') blank(stripped, box)
  }
  return readItems(stripped, file, { inside, places })
}

function keepProperties(stripped: InPlace, file: FileBytes, iprp: Box): void {
  stripped.keep(iprp.start, iprp.body)
  for (const box of boxesOf(file, { start: iprp.body, end: iprp.end })) {
    if (box.type === 'ipma') stripped.keep(box.start, box.end)
    else if (box.type !== 'ipco') blank(stripped, box)
    else {
      stripped.keep(box.start, box.body)
      for (const one of boxesOf(file, { start: box.body, end: box.end })) {
        if (properties.has(one.type)) stripped.keep(one.start, one.end)
        else blank(stripped, one)
      }
    }
  }
}

/**
 * Something that a HEIF carries (ISO/IEC 23008-12): a picture, a piece or a map of one, or
 * metadata.
 */
interface HeifItem {
  id: number
  /** Whether it is a picture or a part of one. */
  isShown: boolean
  /** Where its bytes lie. */
  extents: Range[]
}

/** Kinds of items that are pictures, or say how pictures are put together. */
const pictures = new Set('hvc1 lhv1 hevt hvt1 av01 avc1 vvc1 j2k1 unci mski grid iovl iden tmap'.split(' '))
const mostExtents = 100_000

/** The items of a HEIF. Keeps the tables that list them, without the names of items. */
function readItems(
  stripped: InPlace,
  file: FileBytes,
  { inside, places }: { inside: readonly Box[]; places: readonly Box[] },
): HeifItem[] {
  const info = inside.find(({ type }) => type === 'iinf')
  const location = inside.find(({ type }) => type === 'iloc')
  if (!info || !location) throw new UnreadableImage('The picture does not say what is in it')
  const kinds = readKinds(stripped, file, info)
  stripped.keep(location.start, location.end)
  const data = inside.find(({ type }) => type === 'idat')
  return [...readLocations(new Cursor(file, location), { data, places })].map(({ id, extents }) => ({
    id,
    isShown: pictures.has(kinds.get(id) ?? ''),
    extents,
  }))
}

function readKinds(stripped: InPlace, file: FileBytes, info: Box): Map<number, string> {
  const first = info.body + (file.at(info.body) === 0 ? 6 : 8)
  stripped.keep(info.start, first)
  const kinds = new Map<number, string>()
  for (const entry of boxesOf(file, { start: first, end: info.end })) {
    const version = file.at(entry.body)
    const kind = entry.body + (version === 3 ? 10 : 8)
    if (entry.type !== 'infe' || version < 2 || kind + 4 > entry.end) {
      throw new UnreadableImage('The picture does not say what is in it')
    }
    const head = file.cut(entry.body, kind + 4)
    kinds.set(
      version === 3 ? head.readUInt32BE(4) : head.readUInt16BE(4),
      head.toString('latin1', kind - entry.body),
    )
    // What follows are names: an empty one ends at once.
    stripped.keep(entry.start, kind + 4)
  }
  return kinds
}

function* readLocations(
  cursor: Cursor,
  { data, places }: { data: Box | undefined; places: readonly Box[] },
): Generator<{ id: number; extents: Range[] }> {
  const version = cursor.read(1)
  cursor.read(3)
  const [sizes, more] = [cursor.read(1), cursor.read(1)]
  const [offsetSize, lengthSize, baseSize] = [sizes >> 4, sizes & 15, more >> 4]
  const indexSize = version === 0 ? 0 : more & 15
  const count = cursor.read(version < 2 ? 2 : 4)
  let left = mostExtents
  for (let i = 0; i < count; i += 1) {
    const id = cursor.read(version < 2 ? 2 : 4)
    const method = version === 0 ? 0 : cursor.read(2) & 15
    if (cursor.read(2) !== 0) throw new UnreadableImage('A part of the picture lies in another file')
    const base = cursor.read(baseSize)
    const extentCount = cursor.read(2)
    left -= extentCount + 1
    if (left < 0) throw new UnreadableImage('The picture is in too many pieces')
    const extents: Range[] = []
    for (let j = 0; j < extentCount; j += 1) {
      cursor.read(indexSize)
      const start = base + cursor.read(offsetSize)
      const length = cursor.read(lengthSize)
      extents.push(...placeOf({ method, start, length }, { data, places }))
    }
    yield { id, extents }
  }
}

/**
 * Where an extent lies in the file: in the media data, in the item data, or, counted within another
 * item, in none of its own.
 */
function placeOf(
  { method, start, length }: { method: number; start: number; length: number },
  { data, places }: { data: Box | undefined; places: readonly Box[] },
): Range[] {
  if (method === 2) return []
  const from = method === 1 ? start + (data?.body ?? 0) : start
  const range = { start: from, end: from + length }
  const homes = method === 1 ? [data] : [...places, data]
  const home = homes.find((box) => box && range.start >= box.body && range.end <= box.end)
  if (method > 2 || length === 0 || !home) throw new UnreadableImage('A part of the picture lies nowhere')
  return [range]
}

/** Reads numbers of a box one after the other. */
class Cursor {
  readonly #file: FileBytes
  readonly #end: number
  #at: number

  constructor(file: FileBytes, { body, end }: Box) {
    this.#file = file
    this.#at = body
    this.#end = end
  }

  /** An unsigned number of so many bytes; 0 of none. */
  read(bytes: number): number {
    const end = this.#at + bytes
    if (end > this.#end || ![0, 1, 2, 3, 4, 8].includes(bytes)) {
      throw new UnreadableImage('A table of the picture is damaged')
    }
    if (bytes === 0) return 0
    const cut = this.#file.cut(this.#at, end)
    this.#at = end
    return bytes === 8 ? Number(cut.readBigUInt64BE()) : cut.readUIntBE(0, bytes)
  }
}
