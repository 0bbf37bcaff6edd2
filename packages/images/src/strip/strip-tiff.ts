import { UnreadableImage } from '../image-type.ts'
import type { FileBytes } from './file-bytes.ts'
import type { Range } from './stripped.ts'
import { InPlace, type Stripped } from './stripped.ts'

/**
 * Tags that a TIFF is shown by (TIFF 6.0 and its supplements): sizes, colours, compression, strips
 * and tiles, the ICC profile.
 */
const shown = new Set([
  254, 255, 256, 257, 258, 259, 262, 263, 264, 265, 266, 273, 274, 277, 278, 279, 280, 281, 282, 283, 284,
  290, 291, 292, 293, 296, 297, 301, 317, 318, 319, 320, 321, 322, 323, 324, 325, 326, 327, 328, 330, 332,
  334, 336, 338, 339, 340, 341, 342, 347, 512, 513, 514, 515, 529, 530, 531, 532, 32995, 32996, 32997, 32998,
  34675, 50674,
])
const subDirectories = 330
/** Tags of a raw picture (DNG, CFA pattern): without the others it could not be developed. */
const raw = [50706, 33421]
/** Tags of where pixels lie, and of how many bytes there are. */
const pixels = [
  [273, 279],
  [324, 325],
  [513, 514],
] as const
const mostDirectories = 4000
/** Numbers of all tables together, such as where strips lie. */
const mostNumbers = 400_000

/**
 * What a TIFF needs to be shown, all its pages; everything lies where it lay, and in place of EXIF,
 * GPS, XMP, IPTC, names, times and what nobody refers to are zeros. Throws `UnreadableImage`.
 */
export function stripTiff(file: FileBytes): Stripped {
  const tiff = openTiff(file)
  const stripped = new InPlace()
  stripped.keep(0, tiff.headBytes)
  const waiting = [tiff.first]
  const seen = new Set<number>()
  const budget = { numbers: mostNumbers }
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (at === 0 || seen.has(at)) continue
    seen.add(at)
    if (seen.size > mostDirectories) throw new UnreadableImage('The picture has too many pages')
    waiting.push(...keepDirectory(stripped, tiff, { at, budget }))
  }
  return stripped.done(file.size)
}

/** Keeps one directory, moved together, with what its entries refer to. Tells where others lie. */
function keepDirectory(
  stripped: InPlace,
  tiff: Tiff,
  { at, budget }: { at: number; budget: { numbers: number } },
): number[] {
  const directory = entriesOf(tiff, at)
  const kept = new Map<number, TiffEntry>()
  if (directory.entries.some(({ tag }) => raw.includes(tag)))
    throw new UnreadableImage('This is a raw picture')
  for (const entry of directory.entries) if (shown.has(entry.tag)) kept.set(entry.tag, entry)
  const entries = [...kept.values()]
  stripped.change(at, tiff.toDirectory(entries, directory.next))
  const numbersOf = (tag: number) => {
    const entry = kept.get(tag)
    budget.numbers -= entry?.count ?? 0
    if (budget.numbers < 0) throw new UnreadableImage('The picture is in too many pieces')
    return entry ? tiff.numbersOf(entry) : []
  }
  for (const { start, end, isInside } of entries) if (!isInside) stripped.keep(start, end)
  for (const [place, size] of pixels) {
    const sizes = numbersOf(size)
    for (const [i, start] of numbersOf(place).entries()) {
      const end = start + (sizes[i] ?? Number.NaN)
      if (!(end <= tiff.size)) throw new UnreadableImage('The picture ends too early')
      stripped.keep(start, end)
    }
  }
  return [directory.next, ...numbersOf(subDirectories)]
}

/** An entry of a directory; its values lie from `start` to `end`. */
interface TiffEntry extends Range {
  tag: number
  count: number
  /** Bytes of one value. */
  unit: number
  /** Whether the values are in the entry itself. */
  isInside: boolean
  bytes: Buffer
}

/**
 * How the numbers of a TIFF are written: either byte order, and either of 32 or of 64 bits
 * (BigTIFF).
 */
interface Tiff {
  readonly size: number
  readonly headBytes: number
  /** Where its first directory lies. */
  readonly first: number
  entry(at: number): TiffEntry
  numbersOf(entry: TiffEntry): number[]
  /**
   * Of a directory at a place, how many entries there are, where the first is, and where the next
   * directory is said.
   */
  directory(at: number): { count: number; first: number; end: number; next: number }
  /** The bytes of a directory with these entries. */
  toDirectory(entries: readonly TiffEntry[], next: number): Buffer
}

/** Bytes of the types of values, by their number. */
const units = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8]
const mostEntries = 4096

/** Reads the head of a TIFF. Throws `UnreadableImage`. */
function openTiff(file: FileBytes): Tiff {
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
function entriesOf(tiff: Tiff, at: number): { entries: TiffEntry[]; next: number } {
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
