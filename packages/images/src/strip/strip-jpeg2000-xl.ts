import { UnreadableImage } from '../image-type.ts'
import { blank, boxesOf } from './boxes.ts'
import type { FileBytes } from './file-bytes.ts'
import { InPlace, type Range, type Stripped } from './stripped.ts'

/**
 * Boxes that a JPEG 2000 is shown by (ISO/IEC 15444-1 and -2): not XML, UUID, labels and rights.
 */
const shownBoxes = new Set('ftyp rreq ftbl flst comp copt inst'.split(' ').concat('jP  '))
const headers = new Set('jp2h jpch jplh cgrp ftbl'.split(' '))
const shownInHeader = new Set('ihdr bpcc colr pclr cmap cdef opct creg flst'.split(' ').concat('res '))

const startOfStream = 0xff4f
const startOfTile = 0xff90
const startOfData = 0xff93
const endOfStream = 0xffd9
const comment = 0xff64
const mostMarkers = 200_000

/**
 * What a JPEG 2000 needs to be shown; everything lies where it lay, and in place of XMP, EXIF,
 * GeoTIFF, comments and what was appended are zeros. Throws `UnreadableImage`.
 */
export function stripJpeg2000(file: FileBytes): Stripped {
  const stripped = new InPlace()
  const whole = { start: 0, end: file.size }
  if (file.cut(0, 2).readUInt16BE() === startOfStream) {
    return stripped.done(keepStream(stripped, file, whole))
  }
  let size = 0
  let streams = 0
  for (const box of boxesOf(file, whole, { isTop: true })) {
    size = box.end
    if (shownBoxes.has(box.type)) stripped.keep(box.start, box.end)
    else if (box.type === 'jp2c') {
      streams += 1
      stripped.keep(box.start, box.body)
      keepStream(stripped, file, { start: box.body, end: box.end })
    } else if (headers.has(box.type)) {
      stripped.keep(box.start, box.body)
      for (const inner of boxesOf(file, { start: box.body, end: box.end })) {
        if (shownInHeader.has(inner.type)) stripped.keep(inner.start, inner.end)
        else blank(stripped, inner)
      }
    } else blank(stripped, box)
  }
  if (streams === 0) throw new UnreadableImage('The picture ends too early')
  return stripped.done(size)
}

/** Keeps a code stream but for its comments, and tells where it ends. */
function keepStream(stripped: InPlace, file: FileBytes, { start, end }: Range): number {
  stripped.keep(start, start + 2)
  let at = start + 2
  let tile = 0
  for (let markers = 0; at + 2 <= end; markers += 1) {
    if (markers > mostMarkers) throw new UnreadableImage('The picture is in too many pieces')
    const marker = file.cut(at, at + 2).readUInt16BE()
    if (marker === endOfStream) {
      stripped.keep(at, at + 2)
      return at + 2
    }
    if (marker === startOfData) {
      // Of the last tile it may be left open how long it is.
      const until = tile === 0 ? end : tile
      if (until < at + 2 || until > end) throw new UnreadableImage('The picture ends too early')
      stripped.keep(at, until)
      at = until
      continue
    }
    const next = at + 2 + file.cut(at + 2, at + 4).readUInt16BE()
    if (marker < 0xff30 || next < at + 4 || next > end) throw new UnreadableImage('The picture is damaged')
    if (marker === startOfTile) {
      const length = file.cut(at, at + 12).readUInt32BE(6)
      tile = length === 0 ? 0 : at + length
    }
    // Of a comment the marker, the length and what kind it is remain.
    stripped.keep(at, marker === comment ? Math.min(next, at + 6) : next)
    at = next
  }
  return end
}

/**
 * Boxes that a JPEG XL is shown by (ISO/IEC 18181-2): not EXIF, XMP, JUMBF, nor what a JPEG it was
 * made from had beside its pixels.
 */
const shown = new Set('ftyp jxll jxli jxlc jxlp'.split(' ').concat('JXL '))

/**
 * What a JPEG XL needs to be shown; everything lies where it lay, and in place of metadata and what
 * was appended are zeros. Throws `UnreadableImage`.
 */
export function stripJpegXl(file: FileBytes): Stripped {
  const stripped = new InPlace()
  const whole = { start: 0, end: file.size }
  if (file.cut(0, 2).readUInt16BE() === 0xff0a) {
    // A code stream alone has no room for metadata.
    stripped.keep(0, file.size)
    return stripped.done(file.size)
  }
  let size = 0
  let streams = 0
  for (const box of boxesOf(file, whole, { isTop: true })) {
    size = box.end
    if (box.type === 'jxlc' || box.type === 'jxlp') streams += 1
    if (shown.has(box.type)) stripped.keep(box.start, box.end)
    else blank(stripped, box)
  }
  if (streams === 0) throw new UnreadableImage('The picture ends too early')
  return stripped.done(size)
}
