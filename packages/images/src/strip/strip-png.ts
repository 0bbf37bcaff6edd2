import type { FileBytes } from './file-bytes.ts'
import { Sequence, type Stripped } from './stripped.ts'

/** Pixels, palette, transparency, colours, resolution, and the frames of a PNG that moves. */
const shown = new Set(
  'IHDR PLTE IDAT IEND tRNS bKGD gAMA cHRM sRGB iCCP sBIT cICP mDCV cLLI pHYs acTL fcTL fdAT'.split(' '),
)

/**
 * What a PNG needs to be shown, byte for byte, up to its end: no EXIF, texts, times, unknown
 * chunks, nor what was appended. Throws `UnreadableImage`.
 */
export function stripPng(file: FileBytes): Stripped {
  const kept = new Sequence()
  file.cut(0, 8)
  kept.keep(0, 8)
  for (let at = 8; at < file.size; ) {
    const head = file.cut(at, at + 8)
    const end = at + 12 + head.readUInt32BE()
    const type = head.toString('latin1', 4, 8)
    // Asked for, so that a chunk that is cut off is noticed.
    file.at(end - 1)
    if (shown.has(type)) kept.keep(at, end)
    if (type === 'IEND') break
    at = end
  }
  return kept.done()
}
