import { UnreadableImage } from '../unreadable-image.ts'
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

/** What a WebP needs to be shown, byte for byte, frames included: no EXIF, XMP, unknown chunks, nor what was appended. Throws `UnreadableImage`. */
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
