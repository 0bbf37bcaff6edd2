import { UnreadableImage } from '../image-type.ts'
import type { FileBytes } from './file-bytes.ts'
import { Sequence, type Stripped } from './stripped.ts'

const startOfImage = 0xd8
const endOfImage = 0xd9
const startOfScan = 0xda
const comment = 0xfe

/**
 * What a JPEG needs to be shown, byte for byte, up to its end: no EXIF, XMP, IPTC, comments,
 * embedded thumbnails, nor what was appended. Throws `UnreadableImage`.
 */
export function stripJpeg(file: FileBytes): Stripped {
  if (file.cut(0, 2).readUInt16BE() !== (0xff00 | startOfImage)) throw new UnreadableImage('This is no JPEG')
  const kept = new Sequence()
  kept.keep(0, 2)
  let at = 2
  while (at < file.size) {
    const head = file.cut(at, at + 2)
    const marker = head[1] ?? 0
    if (head[0] !== 0xff) throw new UnreadableImage('A JPEG segment begins with something else')
    // Any number of fill bytes may come before a marker.
    if (marker === 0xff) {
      at += 1
      continue
    }
    if (marker === endOfImage) break
    const end = at + 2 + file.cut(at + 2, at + 4).readUInt16BE()
    if (isShown(marker, file.cut(at, end))) kept.keep(at, end)
    at = end
    if (marker === startOfScan) {
      at = endOfScan(file, end)
      kept.keep(end, at)
    }
  }
  kept.add(Uint8Array.of(0xff, endOfImage))
  return kept.done()
}

/**
 * Frames, tables and scans, and of the application's own segments those that say what the colours
 * mean.
 */
function isShown(marker: number, segment: Buffer): boolean {
  const isApplication = marker >= 0xe0 && marker <= 0xef
  if (!isApplication) return marker !== comment
  const begins = (name: string) => segment.toString('latin1', 4, 4 + name.length) === name
  if (marker === 0xe0) return begins('JFIF\0') && segment.length === 18
  if (marker === 0xe2) return begins('ICC_PROFILE\0')
  return marker === 0xee && begins('Adobe') && segment.length === 16
}

/** Compressed data ends before a marker that is neither a stuffed byte nor a restart. */
function endOfScan(file: FileBytes, start: number): number {
  for (let from = start; from < file.size; ) {
    const ahead = file.ahead(from)
    let at = 0
    for (;;) {
      at = ahead.indexOf(0xff, at)
      // The byte after the last one is looked at with the next piece.
      if (at < 0 || at + 1 >= ahead.length) break
      const next = ahead[at + 1] ?? 0
      const isRestart = next >= 0xd0 && next <= 0xd7
      if (next !== 0 && next !== 0xff && !isRestart) return from + at
      at += next === 0xff ? 1 : 2
    }
    const looked = at < 0 ? ahead.length : at
    if (from + ahead.length >= file.size) return file.size
    from += looked
  }
  return file.size
}
