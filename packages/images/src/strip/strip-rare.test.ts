import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { rareImageType, UnreadableImage } from '../image-type.ts'
import { stripHeif } from './strip-heif.ts'
import { stripJpeg2000, stripJpegXl } from './strip-jpeg2000-xl.ts'
import { stripTiff } from './strip-tiff.ts'
import { applyStrip as apply, box } from './testing.ts'

const secret = 'Ada was here'
const film = 'a film of where she was'
const xmp = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" dc:creator="${secret}"/></rdf:RDF></x:xmpmeta>`
const exif = { IFD0: { Artist: secret, Copyright: secret }, IFD3: { GPSLatitude: '51/1 30/1 0/1' } }

const noise = () =>
  sharp({
    create: {
      width: 90,
      height: 60,
      channels: 3,
      background: 'black',
      noise: { type: 'gaussian', mean: 128, sigma: 40 },
    },
  })

/**
 * A HEIF as a telephone writes it: pictures are coded otherwise there, all around them is alike.
 */
async function heif(): Promise<Buffer> {
  const avif = await noise().heif({ compression: 'av1' }).withExif(exif).withXmp(xmp).toBuffer()
  avif.write('heic', 8, 'latin1')
  return Buffer.concat([avif, box('mpvd', film), Buffer.from(`${secret} after the end`)])
}

const tiff = (bigtiff: boolean) =>
  noise().tiff({ compression: 'lzw', bigtiff }).withExif(exif).withXmp(xmp).withIccProfile('p3').toBuffer()

const stream = Buffer.concat([
  Buffer.from('ff4fff5100040000', 'hex'),
  Buffer.from('ff640010', 'hex'),
  Buffer.from(`\0\x01${secret}`, 'latin1'),
  Buffer.from('ff90000a0000000000140001', 'hex'),
  Buffer.from('ff93', 'hex'),
  Buffer.from('pixels'),
  Buffer.from('ffd9', 'hex'),
])

const jpeg2000 = () =>
  Buffer.concat([
    box('jP  ', '\r\n\x87\n'),
    box('ftyp', 'jp2 \0\0\0\0jp2 '),
    box('jp2h', box('ihdr', '\0'.repeat(14)), box('xml ', xmp)),
    box('xml ', xmp),
    box('uuid', 'JpgTiffExif->JP2', secret),
    box('jp2c', stream),
    Buffer.from(secret),
  ])

const jpegXl = () =>
  Buffer.concat([
    box('JXL ', '\r\n\x87\n'),
    box('ftyp', 'jxl \0\0\0\0jxl '),
    box('Exif', '\0\0\0\0II*\0', secret),
    box('xml ', xmp),
    box('brob', 'xml ', secret),
    box('jbrd', secret),
    box('jxlc', 'pixels'),
    Buffer.from(secret),
  ])

const formats = {
  heic: { make: heif, strip: stripHeif, type: 'image/heic' },
  tiff: { make: () => tiff(false), strip: stripTiff, type: 'image/tiff' },
  'large tiff': { make: () => tiff(true), strip: stripTiff, type: 'image/tiff' },
  'jpeg 2000': { make: async () => jpeg2000(), strip: stripJpeg2000, type: 'image/jp2' },
  'jpeg 2000 stream': { make: async () => stream, strip: stripJpeg2000, type: 'image/j2c' },
  'jpeg xl': { make: async () => jpegXl(), strip: stripJpegXl, type: 'image/jxl' },
}

describe.each(Object.entries(formats))('a %s', (name, { make, strip, type }) => {
  test('loses what it told of its owner, and what was appended', async () => {
    const original = await make()
    expect(await rareImageType(original)).toBe(type)
    expect(original.includes(secret)).toBe(true)
    const stripped = apply(strip, original)

    for (const trace of [secret, film, 'xmpmeta', 'creator', 'GPS'])
      expect(stripped.includes(trace)).toBe(false)
    expect(await rareImageType(stripped)).toBe(type)
    expect(apply(strip, stripped).equals(stripped)).toBe(true)
    if (name.startsWith('jpeg')) expect(stripped.includes('pixels')).toBe(true)
  })

  test('that is cut off or changed anywhere is read or refused, soon', async () => {
    const original = await make()
    const begun = performance.now()
    let tries = 0
    for (let at = 0; at < original.length; at += Math.max(1, Math.ceil(original.length / 150))) {
      const changed = Buffer.from(original)
      changed[at] = (changed[at] ?? 0) ^ (at % 2 === 0 ? 0xff : 0x01)
      for (const bytes of [original.subarray(0, at), changed]) {
        tries += 1
        try {
          apply(strip, bytes)
        } catch (error) {
          if (!(error instanceof RangeError)) expect(error).toBeInstanceOf(UnreadableImage)
        }
      }
    }
    expect((performance.now() - begun) / tries).toBeLessThan(50)
  })
})

test.each(['heic', 'tiff', 'large tiff'] as const)('a %s keeps every pixel and its colours', async (name) => {
  const original = await formats[name].make()
  const stripped = apply(formats[name].strip, original)
  // What the pictures in it are coded with is known by its mark.
  for (const bytes of [original, stripped]) if (name === 'heic') bytes.write('avif', 8, 'latin1')
  const pixels = (bytes: Buffer) => sharp(bytes).raw().toBuffer()

  expect((await pixels(stripped)).equals(await pixels(original))).toBe(true)
  const before = await sharp(original).metadata()
  const after = await sharp(stripped).metadata()
  expect(after.icc?.length).toBe(before.icc?.length)
  expect(after.xmp?.includes('Ada') ?? false).toBe(false)
  expect([after.width, after.height, after.orientation]).toEqual([
    before.width,
    before.height,
    before.orientation,
  ])
})

test('a TIFF whose tables point at each other, or at the whole file many times, ends soon', () => {
  const bytes = Buffer.alloc(4_000_000)
  bytes.write('II*\0\x08\0\0\0', 'latin1')
  bytes.writeUInt16LE(2, 8)
  const entry = (at: number, [tag, type, count, value]: [number, number, number, number]) => {
    bytes.writeUInt16LE(tag, at)
    bytes.writeUInt16LE(type, at + 2)
    bytes.writeUInt32LE(count, at + 4)
    bytes.writeUInt32LE(value, at + 8)
  }
  entry(10, [273, 4, 180_000, 1000])
  entry(22, [279, 4, 180_000, 1_000_000])
  bytes.writeUInt32LE(8, 34)
  for (let i = 0; i < 180_000; i += 1) bytes.writeUInt32LE(bytes.length, 1_000_000 + 4 * i)
  const begun = performance.now()

  expect(apply(stripTiff, bytes)).toHaveLength(bytes.length)
  expect(performance.now() - begun).toBeLessThan(1000)
})

test('a box that claims to be larger than its picture, or holds itself, is refused', () => {
  const start = box('ftyp', 'heic\0\0\0\0mif1')
  const claims = box('meta', '\0\0\0\0', box('iinf', '\xff\xff\xff\xff'))
  claims.writeUInt32BE(claims.length * 2)
  for (const bytes of [start, Buffer.concat([start, claims]), Buffer.concat([start, box('meta', '')])]) {
    expect(() => apply(stripHeif, bytes)).toThrow(UnreadableImage)
  }
})
