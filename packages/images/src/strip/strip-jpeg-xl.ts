import { UnreadableImage } from '../unreadable-image.ts'
import { blank, boxesOf } from './boxes.ts'
import type { FileBytes } from './file-bytes.ts'
import { InPlace, type Stripped } from './stripped.ts'

/** Boxes that a JPEG XL is shown by (ISO/IEC 18181-2): not EXIF, XMP, JUMBF, nor what a JPEG it was made from had beside its pixels. */
const shown = new Set('ftyp jxll jxli jxlc jxlp'.split(' ').concat('JXL '))

/** What a JPEG XL needs to be shown; everything lies where it lay, and in place of metadata and what was appended are zeros. Throws `UnreadableImage`. */
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
