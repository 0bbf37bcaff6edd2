import { UnreadableImage } from '../unreadable-image.ts'
import type { FileBytes } from './file-bytes.ts'
import type { Range } from './stripped.ts'

/** An entry of a directory; its values lie from `start` to `end`. */
export interface TiffEntry extends Range {
  tag: number
  count: number
  /** Bytes of one value. */
  unit: number
  /** Whether the values are in the entry itself. */
  isInside: boolean
  bytes: Buffer
}

/** How the numbers of a TIFF are written: either byte order, and either of 32 or of 64 bits (BigTIFF). */
export interface Tiff {
  readonly size: number
  readonly headBytes: number
  /** Where its first directory lies. */
  readonly first: number
  entry(at: number): TiffEntry
  numbersOf(entry: TiffEntry): number[]
  /** Of a directory at a place, how many entries there are, where the first is, and where the next directory is said. */
  directory(at: number): { count: number; first: number; end: number; next: number }
  /** The bytes of a directory with these entries. */
  toDirectory(entries: readonly TiffEntry[], next: number): Buffer
}

/** Bytes of the types of values, by their number. */
const units = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8]
const mostEntries = 4096

/** Reads the head of a TIFF. Throws `UnreadableImage`. */
export function openTiff(file: FileBytes): Tiff {
  const mark = file.cut(0, 8)
  const isLittle = mark.toString('latin1', 0, 2) === 'II'
  const read = (bytes: Buffer, at: number, length: number): number => {
    if (length === 8) return Number(isLittle ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at))
    return isLittle ? bytes.readUIntLE(at, length) : bytes.readUIntBE(at, length)
  }
  const version = read(mark, 2, 2)
  if (version !== 42 && version !== 43) throw new UnreadableImage('This is no TIFF')
  const wide = version === 43
  const [word, counter, entryBytes] = wide ? [8, 8, 20] : [4, 2, 12]
  const headBytes = wide ? 16 : 8
  return {
    size: file.size,
    headBytes,
    first: read(file.cut(0, headBytes), headBytes - word, word),
    directory(at) {
      const count = read(file.cut(at, at + counter), 0, counter)
      if (count > mostEntries) throw new UnreadableImage('A table of the picture is damaged')
      const end = at + counter + count * entryBytes
      return { count, first: at + counter, end, next: read(file.cut(end, end + word), 0, word) }
    },
    entry(at) {
      const bytes = Buffer.from(file.cut(at, at + entryBytes))
      const unit = units[read(bytes, 2, 2)] ?? 0
      const count = read(bytes, 4, word)
      const length = unit * count
      const isInside = length <= word
      const start = isInside ? at + 4 + word : read(bytes, 4 + word, word)
      if (!isInside && start + length > file.size) throw new UnreadableImage('The picture ends too early')
      return { tag: read(bytes, 0, 2), count, unit, isInside, bytes, start, end: start + length }
    },
    numbersOf({ unit, start, count }) {
      if (unit === 0) return []
      return Array.from({ length: count }, (_, i) =>
        read(file.cut(start + i * unit, start + (i + 1) * unit), 0, unit),
      )
    },
    toDirectory(entries, next) {
      const bytes = Buffer.alloc(counter + entries.length * entryBytes + word)
      write(bytes, { at: 0, length: counter, value: entries.length, isLittle })
      for (const [i, entry] of entries.entries()) entry.bytes.copy(bytes, counter + i * entryBytes)
      write(bytes, { at: bytes.length - word, length: word, value: next, isLittle })
      return bytes
    },
  }
}

/** The entries of the directory at a place, and where the next one lies. */
export function entriesOf(tiff: Tiff, at: number): { entries: TiffEntry[]; next: number } {
  const { count, first, end, next } = tiff.directory(at)
  const step = count === 0 ? 0 : (end - first) / count
  return { entries: Array.from({ length: count }, (_, i) => tiff.entry(first + i * step)), next }
}

function write(
  bytes: Buffer,
  { at, length, value, isLittle }: { at: number; length: number; value: number; isLittle: boolean },
): void {
  if (length === 8) {
    if (isLittle) bytes.writeBigUInt64LE(BigInt(value), at)
    else bytes.writeBigUInt64BE(BigInt(value), at)
  } else if (isLittle) bytes.writeUIntLE(value, at, length)
  else bytes.writeUIntBE(value, at, length)
}
