import { UnreadableImage } from '../image-type.ts'
import type { FileBytes } from './file-bytes.ts'
import type { InPlace, Range } from './stripped.ts'

/**
 * A box of the ISO base media file format (ISO/IEC 14496-12), which JPEG 2000 and JPEG XL use too.
 */
export interface Box extends Range {
  type: string
  /** Where its content begins. */
  body: number
}

/**
 * Boxes of one container that are looked at; a film at whose top they lie may be in many fragments.
 */
const mostBoxes = 20_000
const mostAtTop = 200_000
const free = Buffer.from('free')

/**
 * The boxes that lie in a range, or within a box. Throws `UnreadableImage` where one reaches beyond
 * it; at the top of a file, what is no box ends them. Loose ones may be followed by a few bytes, as
 * QuickTime does.
 */
export function* boxesOf(
  file: FileBytes,
  { start: from, body: start = from, end }: Range & Partial<Box>,
  { isTop = false, isLoose = false } = {},
): Generator<Box, void> {
  let count = 0
  const most = isTop ? mostAtTop : mostBoxes
  for (let at = start; at < end; ) {
    if (isLoose && end - at < 8) return
    const box = boxAt(file, at, end)
    if (!box && isTop && at > start) return
    count += 1
    if (!box || count > most) throw new UnreadableImage('A box of the picture is damaged')
    yield box
    at = box.end
  }
}

function boxAt(file: FileBytes, start: number, limit: number): Box | undefined {
  if (start + 8 > limit) return undefined
  const head = file.cut(start, Math.min(limit, start + 16))
  const type = head.toString('latin1', 4, 8)
  const short = head.readUInt32BE()
  const isLong = short === 1
  if (isLong && head.length < 16) return undefined
  const size = isLong ? Number(head.readBigUInt64BE(8)) : short === 0 ? limit - start : short
  const body = start + (isLong ? 16 : 8)
  const end = start + size
  return end < body || end > limit ? undefined : { type, start, body, end }
}

/**
 * Keeps the head of a box, so that everything behind it stays where it is, and says that it means
 * nothing.
 */
export function blank(stripped: InPlace, { start, body }: Box): void {
  stripped.keep(start, body)
  stripped.change(start + 4, free)
}
