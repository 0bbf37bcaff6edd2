import { UnreadableImage } from '../unreadable-image.ts'
import { cut } from './cut.ts'

const startOfImage = 0xd8
const endOfImage = 0xd9
const startOfScan = 0xda
const comment = 0xfe

/** What a JPEG needs to be shown, byte for byte, up to its end: no EXIF, XMP, IPTC, comments, embedded thumbnails, nor what was appended. Throws `UnreadableImage`. */
export function stripJpeg(bytes: Buffer): Buffer {
  if (bytes.readUInt16BE(0) !== (0xff00 | startOfImage)) throw new UnreadableImage('This is no JPEG')
  const kept = [cut(bytes, 0, 2)]
  let at = 2
  while (at < bytes.length) {
    const marker = cut(bytes, at, at + 2)[1] ?? 0
    if (bytes[at] !== 0xff) throw new UnreadableImage('A JPEG segment begins with something else')
    // Any number of fill bytes may come before a marker.
    if (marker === 0xff) {
      at += 1
      continue
    }
    if (marker === endOfImage) break
    const length = cut(bytes, at + 2, at + 4).readUInt16BE()
    const segment = cut(bytes, at, at + 2 + length)
    at += segment.length
    if (isShown(marker, segment)) kept.push(segment)
    if (marker === startOfScan) {
      const end = endOfScan(bytes, at)
      kept.push(cut(bytes, at, end))
      at = end
    }
  }
  return Buffer.concat([...kept, Buffer.from([0xff, endOfImage])])
}

/** Frames, tables and scans, and of the application's own segments those that say what the colours mean. */
function isShown(marker: number, segment: Buffer): boolean {
  const isApplication = marker >= 0xe0 && marker <= 0xef
  if (!isApplication) return marker !== comment
  const begins = (name: string) => segment.toString('latin1', 4, 4 + name.length) === name
  if (marker === 0xe0) return begins('JFIF\0') && segment.length === 18
  if (marker === 0xe2) return begins('ICC_PROFILE\0')
  return marker === 0xee && begins('Adobe') && segment.length === 16
}

/** Compressed data ends before a marker that is neither a stuffed byte nor a restart. */
function endOfScan(bytes: Buffer, start: number): number {
  let at = start
  for (;;) {
    at = bytes.indexOf(0xff, at)
    if (at < 0 || at + 1 >= bytes.length) return bytes.length
    const next = bytes[at + 1] ?? 0
    const isRestart = next >= 0xd0 && next <= 0xd7
    if (next !== 0 && next !== 0xff && !isRestart) return at
    at += next === 0xff ? 1 : 2
  }
}
