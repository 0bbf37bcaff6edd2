import { box, words } from '../strip/testing.ts'

/**
 * A square of one colour, 64 pixels wide, as x265 codes it, and what a decoder needs to know
 * before.
 */
const red = Buffer.from('AAAAGSgBrxOA5qhw0//+JpR//Trnh+nl0tJ5v3w=', 'base64')
const blue = Buffer.from('AAAAGSgBrxOA5TPAn//4ZCiv/gIdX+/UK1Q9T4A=', 'base64')
const decoder = Buffer.from(
  'AQNwAAAAAAAAAAAAHvAA/P34+AAADwMgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQCEAAQArQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbqSSmubgQEDAgAAAMACAAAAwAIQCIAAQAHRAHBcrAiQA==',
  'base64',
)
const exif = Buffer.from('\0\0\0\0II*\0 Ada was here', 'latin1')
const tile = 64

export interface Photo {
  /** Quarter turns anticlockwise. */
  turns?: number
  /** 0: top and bottom are exchanged; 1: left and right. */
  mirror?: number
  profile?: Buffer
  /** What the picture says it measures; 128 × 64 pixels by default: a red tile and a blue one. */
  size?: [number, number]
  /** Rows and columns of tiles that it says it has. */
  grid?: [number, number]
  /** The tiles by the ids of items: 2 is red, 3 is blue, 1 is the picture itself. */
  tiles?: number[]
}

const u16 = (...numbers: number[]) => {
  const bytes = Buffer.alloc(2 * numbers.length)
  for (const [i, number] of numbers.entries()) bytes.writeUInt16BE(number, 2 * i)
  return bytes
}
const full = (type: string, version: number, ...content: (Uint8Array | string)[]) =>
  box(type, words(version << 24), ...content)

/**
 * A HEIC as an iPhone writes it: a grid of tiles that is turned, with EXIF and a gain map beside
 * it.
 */
export function makeHeic(photo: Photo = {}): Buffer {
  const ftyp = box('ftyp', 'heic', words(0), 'mif1heic')
  const { length } = box('', meta(photo, 0))
  return Buffer.concat([ftyp, meta(photo, ftyp.length + length), box('mdat', red, blue, exif, blue)])
}

/** Media begins at a place. */
function meta(
  { turns, mirror, profile, size = [128, 64], grid = [1, 2], tiles = [2, 3] }: Photo,
  at: number,
): Buffer {
  const shape = Buffer.concat([Buffer.from([0, 1, grid[0] - 1, grid[1] - 1]), words(...size)])
  const kinds = ['grid', 'hvc1', 'hvc1', 'Exif', 'hvc1']
  const properties = [
    full('ispe', 0, words(...size)),
    full('ispe', 0, words(tile, tile)),
    box('hvcC', decoder),
    full('auxC', 0, 'urn:com:apple:photo:2020:aux:hdrgainmap\0'),
    box('irot', Buffer.from([turns ?? 0])),
    ...(mirror === undefined ? [] : [box('imir', Buffer.from([mirror]))]),
    ...(profile ? [box('colr', 'prof', profile)] : []),
  ]
  const ofPicture = [1, ...properties.slice(4).map((_, i) => 5 + i)]
  const links: [number, number[]][] = [
    [1, ofPicture],
    [2, [2, 3]],
    [3, [2, 3]],
    [5, [2, 3, 4]],
  ]
  return full(
    'meta',
    0,
    full('hdlr', 0, words(0), 'pict', words(0, 0, 0), '\0'),
    full('pitm', 0, u16(1)),
    full('iinf', 0, u16(kinds.length), ...kinds.map((kind, i) => full('infe', 2, u16(i + 1, 0), kind, '\0'))),
    full(
      'iref',
      0,
      box('dimg', u16(1, tiles.length, ...tiles)),
      box('cdsc', u16(4, 1, 1)),
      box('auxl', u16(5, 1, 1)),
    ),
    box('iprp', box('ipco', ...properties), associations(links)),
    box('idat', shape),
    locations({ at, shape, count: kinds.length }),
  )
}

/** Which properties belong to which item. */
const associations = (links: readonly [id: number, properties: number[]][]) =>
  full(
    'ipma',
    0,
    words(links.length),
    ...links.map(([id, of]) => Buffer.concat([u16(id), Buffer.from([of.length, ...of])])),
  )

/**
 * Where items lie: the grid in `idat`, its tiles and what stands beside them in the media, which
 * begins `at`.
 */
function locations({ at, shape, count }: { at: number; shape: Buffer; count: number }): Buffer {
  let start = at
  const places = [red, blue, exif, blue].map((bytes, i) => {
    const row = Buffer.concat([u16(i + 2, 0, 0, 1), words(start, bytes.length)])
    start += bytes.length
    return row
  })
  const sizes = Buffer.from([0x44, 0])
  return full('iloc', 1, sizes, u16(count), u16(1, 1, 0, 1), words(0, shape.length), ...places)
}
