import { UnreadableImage } from '../unreadable-image.ts'
import { cut } from './cut.ts'

const extension = 0x21
const image = 0x2c
const trailer = 0x3b
const graphicControl = 0xf9
const application = 0xff

/** What a GIF needs to be shown, byte for byte, its movement included: no comments, XMP, nor what was appended. Throws `UnreadableImage`. */
export function stripGif(bytes: Buffer): Buffer {
  const head = cut(bytes, 0, 13)
  const start = head.length + tableSize(head[10])
  const kept = [cut(bytes, 0, start)]
  for (let at = start; at < bytes.length && bytes[at] !== trailer; ) {
    const block = readBlock(bytes, at)
    if (isShown(block)) kept.push(block)
    at += block.length
  }
  return Buffer.concat([...kept, Buffer.from([trailer])])
}

/** Bytes of the colour table that these flags announce. */
const tableSize = (flags = 0): number => ((flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 0x07) + 1))

function readBlock(bytes: Buffer, at: number): Buffer {
  const kind = bytes[at]
  if (kind === extension) return cut(bytes, at, endOfData(bytes, at + 2))
  if (kind !== image) throw new UnreadableImage('A GIF block is of no known kind')
  const flags = cut(bytes, at, at + 10)[9]
  // One byte says how the data is compressed.
  return cut(bytes, at, endOfData(bytes, at + 10 + tableSize(flags) + 1))
}

/** Data comes in blocks of up to 255 bytes, each after its length; a length of zero ends it. */
function endOfData(bytes: Buffer, start: number): number {
  let at = start
  for (;;) {
    const length = cut(bytes, at, at + 1)[0] ?? 0
    at += 1 + length
    if (length === 0) return at
  }
}

/** Pictures, how long each stays, and how often all of them are shown. */
function isShown(block: Buffer): boolean {
  if (block[0] === image || block[1] === graphicControl) return true
  const name = block.toString('latin1', 3, 14)
  return block[1] === application && block.length === 19 && /^(NETSCAPE2\.0|ANIMEXTS1\.0)$/.test(name)
}
