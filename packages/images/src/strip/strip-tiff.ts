import { UnreadableImage } from '../unreadable-image.ts'
import type { FileBytes } from './file-bytes.ts'
import { InPlace, type Stripped } from './stripped.ts'
import { entriesOf, openTiff, type Tiff, type TiffEntry } from './tiff-entries.ts'

/** Tags that a TIFF is shown by (TIFF 6.0 and its supplements): sizes, colours, compression, strips and tiles, the ICC profile. */
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

/** What a TIFF needs to be shown, all its pages; everything lies where it lay, and in place of EXIF, GPS, XMP, IPTC, names, times and what nobody refers to are zeros. Throws `UnreadableImage`. */
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
