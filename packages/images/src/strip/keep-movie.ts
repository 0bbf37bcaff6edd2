import { UnreadableImage } from '../image-type.ts'
import { type Box, blank, boxesOf } from './boxes.ts'
import type { FileBytes } from './file-bytes.ts'
import { chunksOf } from './movie-samples.ts'
import type { InPlace } from './stripped.ts'

const set = (types: string) => new Set(types.split(' '))

/**
 * Tracks that are seen, heard or read. Others tell where and how a film was made: positions,
 * timecodes, movements.
 */
const shownTracks = set('vide soun text sbtl subt subp clcp auxv pict MPEG musi')
/**
 * What the boxes that hold others may hold. All else is blanked: `udta`, `meta` and `uuid` among
 * it.
 */
const structure: Readonly<Record<string, ReadonlySet<string>>> = {
  moov: set('mvhd iods trak mvex pssh prfl ctab clip udta'),
  trak: set('tkhd edts tref mdia clip matt load imap trgr tapt'),
  mdia: set('mdhd hdlr elng minf'),
  minf: set('vmhd smhd hmhd nmhd sthd gmhd hdlr dinf stbl'),
  dinf: set('dref'),
  stbl: set(
    'stsd stts ctts cslg stss stps stsh sdtp stsc stsz stz2 stco co64 sgpd sbgp csgp subs saiz saio padb stdp',
  ),
  mvex: set('mehd trex leva trep'),
  edts: set('elst'),
  tref: set('chap subt fall folw forc auxl sync vdep vplx cdep ssrc scal sbas'),
}
/**
 * How the words of a song are kept: its title, who made it, its place on an album, its cover. Not
 * who bought it, with what it was recorded, or when.
 */
const songs = set('©nam ©ART ©alb aART ©wrt ©gen gnre trkn disk cpil pgap tmpo ©lyr ©grp covr')
const timed = set('mvhd tkhd mdhd')
/** Pictures of these codecs are decoded the same, whatever their coder calls itself. */
const plainCodecs = set(
  'avc1 avc3 hvc1 hev1 av01 vp08 vp09 mp4v s263 dvh1 dvhe dvav ap4h apch apcn apcs apco',
)

/**
 * Keeps what a film needs to be played, and tells which of its tracks are blanked, with all that
 * they hold.
 */
export function keepMovie(stripped: InPlace, file: FileBytes, moov: Box): Set<number> {
  const removed = new Set<number>()
  keepInside(stripped, file, { box: moov, removed })
  return removed
}

interface Kept {
  box: Box
  /** Ids of tracks that are not kept. */
  removed: Set<number>
}

function keepInside(stripped: InPlace, file: FileBytes, { box, removed }: Kept): void {
  stripped.keep(box.start, box.body)
  const inside = [...boxesOf(file, box, { isLoose: true })]
  for (const one of inside) {
    if (!structure[box.type]?.has(one.type)) blank(stripped, one)
    else if (one.type === 'trak') keepTrack(stripped, file, { box: one, removed })
    else if (one.type === 'udta') keepSong(stripped, file, one)
    else if (one.type === 'dref') keepSources(stripped, file, one)
    else if (one.type === 'hdlr') keepHandler(stripped, one)
    else if (one.type === 'stsd') keepCodecs(stripped, file, one)
    else if (structure[one.type]) keepInside(stripped, file, { box: one, removed })
    else if (timed.has(one.type)) keepUntimed(stripped, file, one)
    else stripped.keep(one.start, one.end)
  }
  if (box.type === 'moov' && inside.some(({ type }) => type === 'cmov' || type === 'rmra')) {
    throw new UnreadableImage('The description of the film is packed')
  }
}

/** A track that is shown is kept; of another the bytes that it refers to are blanked, too. */
function keepTrack(stripped: InPlace, file: FileBytes, { box, removed }: Kept): void {
  const find = (within: Box | undefined, type: string) =>
    within && [...boxesOf(file, within, { isLoose: true })].find((one) => one.type === type)
  const media = find(box, 'mdia')
  const handler = find(media, 'hdlr')
  const kind = handler ? file.cut(handler.body + 8, handler.body + 12).toString('latin1') : ''
  if (shownTracks.has(kind)) {
    keepInside(stripped, file, { box, removed })
    return
  }
  const head = find(box, 'tkhd')
  if (head) removed.add(file.cut(head.body, head.body + 24).readUInt32BE(file.at(head.body) === 1 ? 20 : 12))
  const table = find(find(media, 'minf'), 'stbl')
  if (table) for (const { start, end } of chunksOf(file, table)) stripped.blank(start, end)
  blank(stripped, box)
}

/** Of what is told about a film, what iTunes calls a song by; nothing else. */
function keepSong(stripped: InPlace, file: FileBytes, udta: Box): void {
  stripped.keep(udta.start, udta.body)
  for (const box of boxesOf(file, udta, { isLoose: true })) {
    if (box.type === 'chpl') stripped.keep(box.start, box.end)
    else if (box.type !== 'meta' || box.end - box.body < 16) blank(stripped, box)
    else {
      // Apple's own films leave out the version and flags.
      const isFull = file.cut(box.body, box.body + 8).toString('latin1', 4) !== 'hdlr'
      keepSongTags(stripped, file, { ...box, body: box.body + (isFull ? 4 : 0) })
    }
  }
}

function keepSongTags(stripped: InPlace, file: FileBytes, meta: Box): void {
  const inside = [...boxesOf(file, meta, { isLoose: true })]
  const handler = inside.find(({ type }) => type === 'hdlr')
  if (!handler || file.cut(handler.body + 8, handler.body + 12).toString('latin1') !== 'mdir') {
    blank(stripped, meta)
    return
  }
  stripped.keep(meta.start, meta.body)
  for (const box of inside) {
    if (box === handler) keepHandler(stripped, box)
    else if (box.type !== 'ilst') blank(stripped, box)
    else {
      stripped.keep(box.start, box.body)
      for (const tag of boxesOf(file, box, { isLoose: true })) {
        if (songs.has(tag.type)) stripped.keep(tag.start, tag.end)
        else blank(stripped, tag)
      }
    }
  }
}

/** Where the media is: in this file. Paths of the disk it was cut on are not kept. */
function keepSources(stripped: InPlace, file: FileBytes, box: Box): void {
  stripped.keep(box.start, Math.min(box.end, box.body + 8))
  for (const one of boxesOf(file, { start: box.body + 8, end: box.end }, { isLoose: true })) {
    stripped.keep(one.start, Math.min(one.end, one.body + 4))
  }
}

/** What kind of track it is, without its maker and name. */
const keepHandler = (stripped: InPlace, { start, body, end }: Box) =>
  stripped.keep(start, Math.min(end, body + 12))

/** Codecs with all their settings, but not what the camera calls its coder. */
function keepCodecs(stripped: InPlace, file: FileBytes, box: Box): void {
  stripped.keep(box.start, box.end)
  for (const { type, body, end } of boxesOf(file, { start: box.body + 8, end: box.end }, { isLoose: true })) {
    if (plainCodecs.has(type) && body + 74 <= end) stripped.blank(body + 42, body + 74)
  }
}

function keepUntimed(stripped: InPlace, file: FileBytes, box: Box): void {
  const times = box.body + 4
  stripped.keep(box.start, times)
  stripped.keep(Math.min(box.end, times + (file.at(box.body) === 1 ? 16 : 8)), box.end)
}
