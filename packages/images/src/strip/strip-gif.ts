import { UnreadableImage } from '../unreadable-image.ts'
import type { FileBytes } from './file-bytes.ts'
import { Sequence, type Stripped } from './stripped.ts'

const extension = 0x21
const image = 0x2c
const trailer = 0x3b
const graphicControl = 0xf9
const application = 0xff

/** What a GIF needs to be shown, byte for byte, its movement included: no comments, XMP, nor what was appended. Throws `UnreadableImage`. */
export function stripGif(file: FileBytes): Stripped {
  const kept = new Sequence()
  const start = 13 + tableSize(file.cut(0, 13)[10])
  file.at(start - 1)
  kept.keep(0, start)
  for (let at = start; at < file.size && file.at(at) !== trailer; ) {
    const end = endOfBlock(file, at)
    if (isShown(file, at, end)) kept.keep(at, end)
    at = end
  }
  kept.add(Uint8Array.of(trailer))
  return kept.done()
}

/** Bytes of the colour table that these flags announce. */
const tableSize = (flags = 0): number => ((flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 0x07) + 1))

function endOfBlock(file: FileBytes, at: number): number {
  const kind = file.at(at)
  if (kind === extension) return endOfData(file, at + 2)
  if (kind !== image) throw new UnreadableImage('A GIF block is of no known kind')
  const flags = file.cut(at, at + 10)[9]
  // One byte says how the data is compressed.
  return endOfData(file, at + 10 + tableSize(flags) + 1)
}

/** Data comes in blocks of up to 255 bytes, each after its length; a length of zero ends it. */
function endOfData(file: FileBytes, start: number): number {
  let at = start
  for (;;) {
    const length = file.at(at)
    at += 1 + length
    if (length === 0) return at
  }
}

/** Pictures, how long each stays, and how often all of them are shown. */
function isShown(file: FileBytes, start: number, end: number): boolean {
  const head = file.cut(start, Math.min(end, start + 19))
  if (head[0] === image || head[1] === graphicControl) return true
  const name = head.toString('latin1', 3, 14)
  return head[1] === application && end - start === 19 && /^(NETSCAPE2\.0|ANIMEXTS1\.0)$/.test(name)
}
