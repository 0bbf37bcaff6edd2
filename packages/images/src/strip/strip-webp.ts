import { UnreadableImage } from '../unreadable-image.ts'
import { cut } from './cut.ts'

const shown = new Set(['VP8 ', 'VP8L', 'VP8X', 'ALPH', 'ANIM', 'ANMF', 'ICCP'])
const framed = new Set(['VP8 ', 'VP8L', 'ALPH'])
/** Bits of the VP8X chunk that announce EXIF and XMP. */
const metadataFlags = 0x08 | 0x04
const frameHead = 16

/** What a WebP needs to be shown, byte for byte, frames included: no EXIF, XMP, unknown chunks, nor what was appended. Throws `UnreadableImage`. */
export function stripWebp(bytes: Buffer): Buffer {
  if (bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.toString('latin1', 8, 12) !== 'WEBP') {
    throw new UnreadableImage('This is no WebP')
  }
  const whole = cut(bytes, 0, 8 + bytes.readUInt32LE(4))
  const kept = chunksOf(whole.subarray(12), shown).map(({ type, data }) => {
    if (type === 'VP8X') return toChunk(type, withoutFlags(data))
    if (type === 'ANMF') return toChunk(type, stripFrame(data))
    return toChunk(type, data)
  })
  const body = Buffer.concat([Buffer.from('WEBP'), ...kept])
  return Buffer.concat([Buffer.from('RIFF'), sizeOf(body), body])
}

function stripFrame(data: Buffer): Buffer {
  const parts = chunksOf(data.subarray(frameHead), framed).map(({ type, data }) => toChunk(type, data))
  return Buffer.concat([cut(data, 0, frameHead), ...parts])
}

function withoutFlags(data: Buffer): Buffer {
  const copy = Buffer.from(cut(data, 0, 10))
  copy.writeUInt8(copy.readUInt8() & ~metadataFlags)
  return copy
}

function chunksOf(bytes: Buffer, wanted: ReadonlySet<string>): { type: string; data: Buffer }[] {
  const found = []
  for (let at = 0; at < bytes.length; ) {
    const head = cut(bytes, at, at + 8)
    const length = head.readUInt32LE(4)
    const type = head.toString('latin1', 0, 4)
    const data = cut(bytes, at + 8, at + 8 + length)
    if (wanted.has(type)) found.push({ type, data })
    at += 8 + length + (length % 2)
  }
  return found
}

const toChunk = (type: string, data: Buffer): Buffer =>
  Buffer.concat([Buffer.from(type, 'latin1'), sizeOf(data), data, Buffer.alloc(data.length % 2)])

function sizeOf(data: Buffer): Buffer {
  const size = Buffer.alloc(4)
  size.writeUInt32LE(data.length)
  return size
}
