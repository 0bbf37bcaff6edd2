import { UnreadableImage } from '../unreadable-image.ts'

/** The bytes from `start` to before `end`, without copying them. Throws `UnreadableImage` when the file ends before. */
export function cut(bytes: Buffer, start: number, end: number): Buffer {
  if (end > bytes.length || end < start) throw new UnreadableImage('The picture ends too early')
  return bytes.subarray(start, end)
}
