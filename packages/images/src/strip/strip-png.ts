import { cut } from './cut.ts'

/** Pixels, palette, transparency, colours, resolution, and the frames of a PNG that moves. */
const shown = new Set(
  'IHDR PLTE IDAT IEND tRNS bKGD gAMA cHRM sRGB iCCP sBIT cICP mDCV cLLI pHYs acTL fcTL fdAT'.split(' '),
)

/** What a PNG needs to be shown, byte for byte, up to its end: no EXIF, texts, times, unknown chunks, nor what was appended. Throws `UnreadableImage`. */
export function stripPng(bytes: Buffer): Buffer {
  const kept = [cut(bytes, 0, 8)]
  for (let at = 8; at < bytes.length; ) {
    const length = cut(bytes, at, at + 4).readUInt32BE()
    const chunk = cut(bytes, at, at + 12 + length)
    const type = chunk.toString('latin1', 4, 8)
    if (shown.has(type)) kept.push(chunk)
    if (type === 'IEND') break
    at += chunk.length
  }
  return Buffer.concat(kept)
}
