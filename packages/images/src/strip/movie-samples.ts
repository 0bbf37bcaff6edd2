import { UnreadableImage } from '../image-type.ts'
import { type Box, boxesOf } from './boxes.ts'
import type { FileBytes } from './file-bytes.ts'
import type { Range } from './stripped.ts'

/** Chunks of one track, or runs of one fragment, that are looked at. */
const mostChunks = 200_000
/** Samples that are counted one by one. */
const mostSamples = 2_000_000

/**
 * Where the bytes of a track lie, by its tables (ISO/IEC 14496-12, 8.7). Throws `UnreadableImage`
 * for tables that are damaged or too long.
 */
export function* chunksOf(file: FileBytes, table: Box): Generator<Range> {
  const inside = [...boxesOf(file, table, { isLoose: true })]
  const find = (...types: string[]) => inside.find(({ type }) => types.includes(type))
  const [places, groups, sizes] = [find('stco', 'co64'), find('stsc'), find('stsz', 'stz2')]
  if (!places || !groups || !sizes) return
  const sizeOf = sampleSizes(file, sizes)
  const groupCount = countOf(file, groups, { head: 8, each: 12 })
  const isLong = places.type === 'co64'
  const count = countOf(file, places, { head: 8, each: isLong ? 8 : 4 })
  if (count > mostChunks) throw new UnreadableImage('The film is in too many pieces')
  const groupAt = (i: number) => file.cut(groups.body + 8 + 12 * i, groups.body + 20 + 12 * i)
  let group = 0
  let sample = 0
  for (let chunk = 0; chunk < count; chunk += 1) {
    while (group + 1 < groupCount && groupAt(group + 1).readUInt32BE() <= chunk + 1) group += 1
    const samples = groupCount === 0 ? 0 : groupAt(group).readUInt32BE(4)
    const length = sizeOf(sample, samples)
    sample += samples
    const at = places.body + 8 + chunk * (isLong ? 8 : 4)
    const start = isLong
      ? Number(file.cut(at, at + 8).readBigUInt64BE())
      : file.cut(at, at + 4).readUInt32BE()
    yield within(file, { start, end: start + length })
  }
}

/** How long so many samples from one on are together, in bytes. */
function sampleSizes(file: FileBytes, box: Box): (from: number, samples: number) => number {
  const head = file.cut(box.body, box.body + 12)
  if (box.type === 'stsz' && head.readUInt32BE(4) !== 0) {
    return (_, samples) => samples * head.readUInt32BE(4)
  }
  const bits = box.type === 'stsz' ? 32 : (head[7] ?? 8)
  if (![4, 8, 16, 32].includes(bits)) throw new UnreadableImage('A table of the film is damaged')
  const count = Math.min(head.readUInt32BE(8), Math.floor(((box.end - box.body - 12) * 8) / bits))
  let left = mostSamples
  return (from, samples) => {
    let length = 0
    const until = Math.min(count, from + samples)
    left -= Math.max(0, until - from)
    if (left < 0) throw new UnreadableImage('The film is in too many pieces')
    for (let i = from; i < until; i += 1) {
      const at = box.body + 12 + Math.floor((i * bits) / 8)
      const bytes = Math.ceil(bits / 8)
      const read = file.cut(at, at + bytes).readUIntBE(0, bytes)
      length += bits !== 4 ? read : i % 2 === 0 ? read >> 4 : read & 15
    }
    return length
  }
}

const countOf = (file: FileBytes, box: Box, { head, each }: { head: number; each: number }): number =>
  Math.min(
    file.cut(box.body, box.body + head).readUInt32BE(4),
    Math.floor((box.end - box.body - head) / each),
  )

const within = ({ size }: FileBytes, { start, end }: Range): Range => ({
  start: Math.min(start, size),
  end: Math.min(end, size),
})

/** What a fragment of a film says of a track's bytes. */
interface RunHead {
  track: number
  base: number
  sampleSize: number
}

/**
 * Where the bytes of some tracks lie in a fragment (8.8), and the boxes that say so. `sizes` are
 * the tracks' usual sample sizes.
 */
export function* fragmentChunks(
  file: FileBytes,
  moof: Box,
  { tracks, sizes }: { tracks: ReadonlySet<number>; sizes: ReadonlyMap<number, number> },
): Generator<{ traf: Box; ranges: Range[] }> {
  let next = moof.start
  for (const traf of boxesOf(file, moof, { isLoose: true })) {
    if (traf.type !== 'traf') continue
    const inside = [...boxesOf(file, traf, { isLoose: true })]
    const tfhd = inside.find(({ type }) => type === 'tfhd')
    if (!tfhd) throw new UnreadableImage('A fragment of the film is damaged')
    const head = readHead(file, tfhd, { next, moof, sizes })
    const ranges: Range[] = []
    let at = head.base
    for (const run of inside) {
      if (run.type !== 'trun') continue
      const range = readRun(file, run, { ...head, at })
      at = range.end
      ranges.push(within(file, range))
    }
    next = at
    if (tracks.has(head.track)) yield { traf, ranges }
  }
}

function readHead(
  file: FileBytes,
  tfhd: Box,
  { next, moof, sizes }: { next: number; moof: Box; sizes: ReadonlyMap<number, number> },
): RunHead {
  const head = file.cut(tfhd.body, tfhd.end)
  const flags = head.readUInt32BE() & 0xffffff
  const track = head.readUInt32BE(4)
  let at = 8
  const skip = (flag: number, bytes: number) => {
    at += flags & flag ? bytes : 0
  }
  const base = flags & 1 ? Number(head.readBigUInt64BE(8)) : flags & 0x20000 ? moof.start : next
  skip(1, 8)
  skip(2, 4)
  skip(8, 4)
  const sampleSize = flags & 0x10 ? head.readUInt32BE(at) : (sizes.get(track) ?? 0)
  return { track, base, sampleSize }
}

function readRun(file: FileBytes, run: Box, { base, at, sampleSize }: RunHead & { at: number }): Range {
  const head = file.cut(run.body, run.body + 8)
  const flags = head.readUInt32BE() & 0xffffff
  const count = head.readUInt32BE(4)
  const start = flags & 1 ? base + file.cut(run.body + 8, run.body + 12).readInt32BE() : at
  if (!(flags & 0x200)) return { start, end: start + count * sampleSize }
  const before = run.body + 8 + (flags & 1 ? 4 : 0) + (flags & 4 ? 4 : 0)
  const each = [0x100, 0x200, 0x400, 0x800].filter((flag) => flags & flag).length * 4
  // Whoever claims more than is there would have the same bytes read for every run.
  if (before + count * each > run.end) throw new UnreadableImage('A fragment of the film is damaged')
  let length = 0
  for (let i = 0; i < count; i += 1) {
    const place = before + i * each + (flags & 0x100 ? 4 : 0)
    length += file.cut(place, place + 4).readUInt32BE()
  }
  return { start, end: start + length }
}
