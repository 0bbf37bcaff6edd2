import { describe, expect, test } from 'vitest'
import { UnreadableImage } from '../image-type.ts'
import { stripMovie } from './strip-movie.ts'
import { applyStrip, box, words } from './testing.ts'

const secret = 'Ada was here'
const place = '+51.5007-000.1246/'
const apple = ['location.ISO6709', 'make', 'model', 'software', 'creationdate'].map(
  (key) => `com.apple.quicktime.${key}`,
)

const full = (type: string, ...content: (Uint8Array | string)[]) => box(type, words(0), ...content)
const handler = (kind: string, name = secret) =>
  full('hdlr', words(0), kind, 'appl', words(0, 0), `${name}\0`)
const times = words(0xdddd_dddd, 0xdddd_dddd)
const text = (type: string, value: string) => box(type, words((value.length << 16) | 0x15c7), value)

/** What cameras and telephones write beside a film, wherever they may. */
const told = () => [
  box('udta', text('©xyz', place), text('©mak', secret), full('loci', `\x15\xc7${secret}\0`), words(0)),
  box(
    'meta',
    handler('mdta', ''),
    full('keys', words(apple.length), ...apple.map((key) => box('mdta', key))),
    box('ilst', ...apple.map((_, i) => box(`\0\0\0${i + 1}`, box('data', words(1, 0), place, secret)))),
  ),
  box('uuid', Buffer.from('be7acfcb97a942e89c71999491e3afac', 'hex'), `<x:xmpmeta>${secret}`),
]

interface Track {
  id: number
  kind: string
  codec: string
  /** Samples of a chunk, and where it begins. */
  samples: string[]
  at: number
  isLong: boolean
}

function track({ id, kind, codec, samples, at, isLong }: Track): Buffer {
  const entry = box(codec, Buffer.alloc(42), secret.padEnd(32, '\0'), Buffer.alloc(4))
  const long = Buffer.alloc(8)
  long.writeBigUInt64BE(BigInt(at))
  return box(
    'trak',
    full('tkhd', times, words(id, 0, 100), Buffer.alloc(60)),
    box('tref', box('cdsc', words(1)), box('chap', words(2))),
    box(
      'mdia',
      full('mdhd', times, words(1000, 100, 0)),
      handler(kind),
      box(
        'minf',
        full('vmhd', words(0, 0)),
        box('dinf', full('dref', words(1), full('alis', `/Users/ada/${secret}`))),
        box(
          'stbl',
          full('stsd', words(1), entry),
          full('stsz', words(0, samples.length, ...samples.map((sample) => sample.length))),
          full('stsc', words(samples.length === 0 ? 0 : 1, 1, samples.length, 1)),
          isLong
            ? full('co64', words(samples.length === 0 ? 0 : 1), long)
            : full('stco', words(samples.length === 0 ? 0 : 1, at)),
        ),
      ),
    ),
    ...told(),
  )
}

const films = ['frames', 'of the', 'film']
const positions = ['where ', 'Ada was here', ' and then']

function moov(
  { at, isLong = false }: { at: number; isLong?: boolean },
  more: Uint8Array = Buffer.alloc(0),
): Buffer {
  const media = films.join('').length
  return box(
    'moov',
    full('mvhd', times, words(1000, 100), Buffer.alloc(80)),
    track({ id: 1, kind: 'vide', codec: 'avc1', samples: at ? films : [], at, isLong }),
    track({ id: 7, kind: 'meta', codec: 'mebx', samples: at ? positions : [], at: at + media, isLong }),
    more,
    ...told(),
  )
}

const ftyp = box('ftyp', 'isom', words(0), 'isom')
const media = films.join('') + positions.join('')

const layouts: Record<string, () => Buffer> = {
  'whose description comes last': () =>
    Buffer.concat([ftyp, box('mdat', media), moov({ at: ftyp.length + 8 }), ...told()]),
  'whose description comes first': () => {
    const at = ftyp.length + moov({ at: 1 }).length + 8
    return Buffer.concat([ftyp, moov({ at }), box('mdat', media), ...told(), Buffer.from(secret)])
  },
  'with sizes of 64 bits': () => {
    const body = Buffer.from(media)
    const mdat = Buffer.concat([words(1), Buffer.from('mdat'), words(0, body.length + 16), body])
    return Buffer.concat([ftyp, mdat, moov({ at: ftyp.length + 16, isLong: true })])
  },
  'of fragments': () => {
    const rows = [1, 7].map((id) => full('trex', words(id, 1, 0, 0, 0)))
    const run = (id: number, samples: string[], at: number) =>
      box(
        'traf',
        box('tfhd', words(0x20000, id)),
        box('trun', words(0x201, samples.length, at, ...samples.map((sample) => sample.length))),
        ...told(),
      )
    const fragment = (at: number) =>
      box('moof', full('mfhd', words(1)), run(1, films, at), run(7, positions, at + films.join('').length))
    return Buffer.concat([
      ftyp,
      moov({ at: 0 }, box('mvex', ...rows)),
      fragment(fragment(0).length + 8),
      box('mdat', media),
      box('prft', secret),
    ])
  },
}

describe.each(Object.entries(layouts))('a film %s', (_, make) => {
  test('loses places, times, devices, names and its track of positions, and nothing moves', () => {
    const film = make()
    const stripped = applyStrip(stripMovie, film)

    const traces = [secret, place, 'where', 'and then', 'apple', 'xmpmeta', '/Users', '\xdd\xdd', '©mak']
    for (const trace of traces) {
      expect(film.includes(trace, 0, 'latin1')).toBe(true)
      expect(stripped.includes(trace, 0, 'latin1')).toBe(false)
    }
    const at = film.indexOf(films.join(''))
    expect(stripped.indexOf(films.join(''))).toBe(at)
    for (const kept of ['ftyp', 'moov', 'mvhd', 'avc1', 'stsz', 'chap']) {
      expect(stripped.indexOf(kept)).toBe(film.indexOf(kept))
    }
    expect(applyStrip(stripMovie, stripped).equals(stripped)).toBe(true)
    expect(stripped.includes('cdsc') || stripped.includes('mebx')).toBe(false)
  })

  test('that is cut off or changed anywhere is read or refused, soon', () => {
    const film = make()
    const begun = performance.now()
    let tries = 0
    for (let at = 0; at < film.length; at += 31) {
      const changed = Buffer.from(film)
      changed[at] = (changed[at] ?? 0) ^ (at % 2 === 0 ? 0xff : 0x01)
      for (const bytes of [film.subarray(0, at), changed]) {
        tries += 1
        try {
          applyStrip(stripMovie, bytes)
        } catch (error) {
          if (!(error instanceof RangeError)) expect(error).toBeInstanceOf(UnreadableImage)
        }
      }
    }
    expect((performance.now() - begun) / tries).toBeLessThan(50)
  })
})

test('a song keeps what it is called, not who bought it, where and with what', () => {
  const tag = (type: string, value: string) => box(type, box('data', words(1, 0), value))
  const tags = [
    tag('©nam', 'Noël'),
    tag('©ART', 'Grace'),
    tag('©too', secret),
    tag('apID', 'ada@example.com'),
  ]
  const song = (handled: string) =>
    Buffer.concat([
      ftyp,
      box('mdat', films.join('')),
      box(
        'moov',
        full('mvhd', times, words(1000, 100), Buffer.alloc(80)),
        box('udta', handled ? full('meta', handler(handled, ''), box('ilst', ...tags)) : ''),
      ),
    ])
  const stripped = applyStrip(stripMovie, song('mdir'))

  for (const kept of ['Noël', 'Grace']) expect(stripped.includes(kept, 0, 'latin1')).toBe(true)
  for (const gone of [secret, 'ada@']) expect(stripped.includes(gone)).toBe(false)
  expect(applyStrip(stripMovie, song('mdta')).includes('Grace')).toBe(false)
})

test('a film that was cut off in its media goes up to there', () => {
  const film = layouts['whose description comes first']?.() ?? Buffer.alloc(0)
  const end = film.indexOf('of the')
  const stripped = applyStrip(stripMovie, film.subarray(0, end))

  expect(stripped.length).toBe(end)
  expect(stripped.subarray(-6).toString()).toBe('frames')
})

test.each([
  ['no description', () => Buffer.concat([ftyp, box('mdat', media)])],
  ['a packed description', () => Buffer.concat([ftyp, box('moov', box('cmov', media))])],
  ['two descriptions', () => Buffer.concat([ftyp, moov({ at: 0 }), moov({ at: 0 })])],
  ['a description that is cut off', () => Buffer.concat([ftyp, moov({ at: 0 }).subarray(0, 300)])],
  ['a fragment before its description', () => Buffer.concat([ftyp, box('moof', ''), moov({ at: 0 })])],
])('a film with %s is refused', (_, make) => {
  expect(() => applyStrip(stripMovie, make())).toThrow(UnreadableImage)
})

test('a film whose tables claim billions of samples, or of millions of fragments, ends soon', () => {
  const greedy = moov({ at: 40 })
  const at = greedy.indexOf('mebx')
  for (const type of ['stsz', 'stsc', 'stco']) {
    const table = greedy.indexOf(type, at)
    greedy.fill(0xff, table + 8, table + 16)
  }
  const many = Buffer.alloc(16_000_000)
  for (let i = 0; i < many.length; i += 8) many.set([0, 0, 0, 8, 109, 111, 111, 102], i)
  const begun = performance.now()
  for (const bytes of [Buffer.concat([ftyp, greedy]), Buffer.concat([ftyp, moov({ at: 0 }), many])]) {
    try {
      applyStrip(stripMovie, bytes)
    } catch (error) {
      if (!(error instanceof RangeError)) expect(error).toBeInstanceOf(UnreadableImage)
    }
  }
  expect(performance.now() - begun).toBeLessThan(3000)
})

test('a film whose tables lie far apart is read about as often as it is long', () => {
  const chunks = 200_000
  const places = Buffer.alloc(4 * chunks)
  for (let i = 0; i < chunks; i += 1) places.writeUInt32BE(40 + i, 4 * i)
  const tables = [
    full('stsz', words(1, chunks)),
    box('stss', Buffer.alloc(400_000)),
    full('stsc', words(1, 1, 1, 1)),
    box('stss', Buffer.alloc(400_000)),
    full('stco', words(chunks), places),
  ]
  const trak = box(
    'trak',
    full('tkhd', times, words(7)),
    box('mdia', handler('meta'), box('minf', box('stbl', ...tables))),
  )
  const begun = performance.now()
  applyStrip(stripMovie, Buffer.concat([ftyp, box('moov', trak)]))
  expect(performance.now() - begun).toBeLessThan(2500)
})

test('a run of a fragment that claims more samples than it lists is refused', () => {
  const short = layouts['of fragments']?.() ?? Buffer.alloc(0)
  const film = Buffer.concat([short, box('free', Buffer.alloc(8_000_000))])
  film.writeUInt32BE(1_000_000, film.lastIndexOf('trun') + 8)
  expect(() => applyStrip(stripMovie, film)).toThrow(UnreadableImage)
})
