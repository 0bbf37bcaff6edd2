import { UnreadableImage } from '../image-type.ts'
import type { FileBytes } from './file-bytes.ts'
import { type Range, Sequence, type Stripped } from './stripped.ts'

const shown = new Set(['VP8 ', 'VP8L', 'VP8X', 'ALPH', 'ANIM', 'ANMF', 'ICCP'])
const framed = new Set(['VP8 ', 'VP8L', 'ALPH'])
/** Bits of the VP8X chunk that announce EXIF and XMP. */
const metadataFlags = 0x08 | 0x04
const frameHead = 16

interface Chunk extends Range {
  type: string
}

/**
 * What a WebP needs to be shown, byte for byte, frames included: no EXIF, XMP, unknown chunks, nor
 * what was appended. Throws `UnreadableImage`.
 */
export function stripWebp(file: FileBytes): Stripped {
  const head = file.cut(0, 12)
  if (head.toString('latin1', 0, 4) !== 'RIFF' || head.toString('latin1', 8, 12) !== 'WEBP') {
    throw new UnreadableImage('This is no WebP')
  }
  const end = 8 + head.readUInt32LE(4)
  const kept = new Sequence()
  kept.add(Buffer.from('RIFF'))
  const fill = kept.reserve(4)
  kept.add(Buffer.from('WEBP'))
  for (const chunk of chunksOf(file, { start: 12, end }, shown)) keepChunk(kept, file, chunk)
  fill(sizeOf(kept.size - 8))
  return kept.done()
}

function keepChunk(kept: Sequence, file: FileBytes, { type, start, end }: Chunk): void {
  kept.add(Buffer.from(type, 'latin1'))
  const fill = kept.reserve(4)
  const before = kept.size
  if (type === 'VP8X') kept.add(withoutFlags(file.cut(start, start + 10)))
  else if (type === 'ANMF') keepFrame(kept, file, { start, end })
  else kept.keep(start, end)
  const size = kept.size - before
  fill(sizeOf(size))
  if (size % 2 === 1) kept.add(Uint8Array.of(0))
}

function keepFrame(kept: Sequence, file: FileBytes, { start, end }: Range): void {
  kept.add(file.cut(start, start + frameHead))
  for (const part of chunksOf(file, { start: start + frameHead, end }, framed)) keepChunk(kept, file, part)
}

function withoutFlags(data: Buffer): Buffer {
  const copy = Buffer.from(data)
  copy.writeUInt8(copy.readUInt8() & ~metadataFlags)
  return copy
}

function* chunksOf(
  file: FileBytes,
  { start, end }: Range,
  wanted: ReadonlySet<string>,
): Generator<Chunk, void> {
  for (let at = start; at < end; ) {
    const head = file.cut(at, at + 8)
    const type = head.toString('latin1', 0, 4)
    const body = at + 8
    const length = head.readUInt32LE(4)
    if (body + length > Math.min(end, file.size)) throw new UnreadableImage('The picture ends too early')
    if (wanted.has(type)) yield { type, start: body, end: body + length }
    at = body + length + (length % 2)
  }
}

function sizeOf(length: number): Buffer {
  const size = Buffer.alloc(4)
  size.writeUInt32LE(length)
  return size
}

const extension = 0x21
const image = 0x2c
const trailer = 0x3b
const graphicControl = 0xf9
const application = 0xff

/**
 * What a GIF needs to be shown, byte for byte, its movement included: no comments, XMP, nor what
 * was appended. Throws `UnreadableImage`.
 */
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
