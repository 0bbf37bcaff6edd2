import { UnreadableImage } from '../unreadable-image.ts'
import { type Box, blank, boxesOf } from './boxes.ts'
import type { FileBytes } from './file-bytes.ts'
import { type HeifItem, readItems } from './heif-items.ts'
import { keepMovie } from './keep-movie.ts'
import { InPlace, type Stripped } from './stripped.ts'

/** Boxes that say how the picture is put together. */
const structure = new Set('pitm iref dinf grpl'.split(' '))
/** Properties of pictures: sizes, colours, decoders, turns; not descriptions and times. */
const properties = new Set(
  `ispe colr pixi hvcC av1C avcC vvcC pasp irot imir clap auxC lsel a1op a1lx rloc clli mdcv cclv amve cmpd uncC cmpC
icef j2kH oinf tols lhvC ster free`.split(/\s+/),
)
/**
 * What an HEIC or another HEIF needs to be shown; everything lies where it lay, and in place of all else are zeros: EXIF,
 * XMP, names of items, descriptions, what no picture refers to (a motion photo's film), what was appended. Throws
 * `UnreadableImage`.
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
