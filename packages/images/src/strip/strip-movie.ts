import { UnreadableImage } from '../image-type.ts'
import { type Box, blank, boxesOf } from './boxes.ts'
import type { FileBytes } from './file-bytes.ts'
import { keepMovie } from './keep-movie.ts'
import { fragmentChunks } from './movie-samples.ts'
import { InPlace, type Stripped } from './stripped.ts'

/** Boxes at the top of a film that are needed to play it. */
const shown = new Set('ftyp styp sidx ssix mfra pdin'.split(' '))
/** Padding: what stands in it is nothing to anyone. */
const padding = new Set(['free', 'skip', 'wide'])
const fragment = new Set('mfhd traf tfhd tfdt trun saiz saio sbgp sgpd csgp subs senc'.split(' '))

/**
 * What an MP4, MOV, M4A or 3GP needs to be played (ISO/IEC 14496-12); everything lies where it lay,
 * and in place of all else are zeros: places, times, devices, XMP, tracks of positions. What a song
 * is called stays. Nothing is encoded again. Throws `UnreadableImage` for what has no description
 * or a damaged one.
 */
export function stripMovie(file: FileBytes): Stripped {
  const stripped = new InPlace()
  let removed: Set<number> | undefined
  let sizes = new Map<number, number>()
  let end = 0
  for (const box of boxesOf(file, { start: 0, end: file.size }, { isTop: true })) {
    end = box.end
    if (shown.has(box.type)) stripped.keep(box.start, box.end)
    else if (padding.has(box.type)) stripped.keep(box.start, box.body)
    else if (box.type === 'mdat') stripped.keep(box.start, box.end)
    else if (box.type === 'moov') {
      if (removed) throw new UnreadableImage('The film is described twice')
      removed = keepMovie(stripped, file, box)
      sizes = usualSizes(file, box)
    } else if (box.type === 'moof') keepFragment(stripped, file, { moof: box, tracks: removed, sizes })
    else blank(stripped, box)
  }
  if (!removed) throw new UnreadableImage('The film is not described')
  return stripped.done(keepCutOff(stripped, file, end))
}

/**
 * A film whose download or recording ended early can be played up to there: its media reaches
 * beyond its end.
 */
function keepCutOff(stripped: InPlace, file: FileBytes, end: number): number {
  if (end + 8 > file.size || file.cut(end + 4, end + 8).toString('latin1') !== 'mdat') return end
  stripped.keep(end, file.size)
  return file.size
}

function keepFragment(
  stripped: InPlace,
  file: FileBytes,
  {
    moof,
    tracks,
    sizes,
  }: { moof: Box; tracks: ReadonlySet<number> | undefined; sizes: ReadonlyMap<number, number> },
): void {
  if (!tracks) throw new UnreadableImage('A fragment of the film comes before its description')
  const gone = new Set<number>()
  if (tracks.size > 0) {
    for (const { traf, ranges } of fragmentChunks(file, moof, { tracks, sizes })) {
      gone.add(traf.start)
      for (const { start, end } of ranges) stripped.blank(start, end)
    }
  }
  const keep = (box: Box) => {
    stripped.keep(box.start, box.body)
    for (const one of boxesOf(file, box, { isLoose: true })) {
      if (!fragment.has(one.type) || gone.has(one.start)) blank(stripped, one)
      else if (one.type === 'traf') keep(one)
      else stripped.keep(one.start, one.end)
    }
  }
  keep(moof)
}

/** The usual size of a track's samples in fragments, by its id. */
function usualSizes(file: FileBytes, moov: Box): Map<number, number> {
  const sizes = new Map<number, number>()
  for (const extends_ of boxesOf(file, moov, { isLoose: true })) {
    if (extends_.type !== 'mvex') continue
    for (const { type, body } of boxesOf(file, extends_, { isLoose: true })) {
      if (type !== 'trex') continue
      const row = file.cut(body, body + 24)
      sizes.set(row.readUInt32BE(4), row.readUInt32BE(16))
    }
  }
  return sizes
}
