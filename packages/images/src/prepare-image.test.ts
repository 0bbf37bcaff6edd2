import { randomUUID } from 'node:crypto'
import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ImageType } from './image-type.ts'
import { UnreadableImage } from './image-type.ts'
import { prepareImage } from './prepare-image.ts'
import { createStripper } from './strip/create-stripper.ts'

const stripper = createStripper()
let folder: Awaited<ReturnType<typeof mkdtempDisposable>>

beforeAll(async () => {
  folder = await mkdtempDisposable(join(tmpdir(), 'pictures-'))
})
afterAll(() => folder.remove())

/** `prepareImage`, from bytes to bytes. */
async function prepare(bytes: Uint8Array, type: ImageType) {
  const path = join(folder.path, randomUUID())
  const into = `${path}.clean`
  await writeFile(path, bytes)
  return { ...(await prepareImage({ path, into, type }, stripper)), bytes: await readFile(into) }
}

const secret = 'Ada was here'
const xmp = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" dc:creator="${secret}"/></rdf:RDF></x:xmpmeta>`
const exif = { IFD0: { Artist: secret }, IFD3: { GPSLatitude: '51/1 30/1 0/1' } }

/** Noise, so that a picture that was encoded again is not the same. */
const noise = (width: number, height: number) =>
  sharp({
    create: {
      width,
      height,
      channels: 3,
      background: 'black',
      noise: { type: 'gaussian', mean: 128, sigma: 40 },
    },
  })

const pixels = (bytes: Uint8Array) => sharp(bytes, { animated: true }).raw().toBuffer()

const photo = (format: 'jpeg' | 'png' | 'webp' | 'avif', orientation?: number) =>
  noise(200, 100)
    .toFormat(format)
    .withMetadata(orientation === undefined ? {} : { orientation })
    .withExifMerge(exif)
    .withXmp(xmp)
    .toBuffer()

const moving = (format: 'gif' | 'webp') =>
  Promise.all(['red', 'lime', 'blue'].map((background) => solid(background))).then((frames) =>
    sharp(frames, { join: { animated: true } })
      .toFormat(format, { delay: [100, 200, 300], loop: 2 })
      .withXmp(xmp)
      .toBuffer(),
  )

const solid = (background: string) =>
  sharp({ create: { width: 60, height: 40, channels: 3, background } })
    .png()
    .toBuffer()

test.each(['jpeg', 'png', 'webp'] as const)(
  'a %s that lies upright keeps every pixel and loses its metadata and what was appended',
  async (format) => {
    const original = await photo(format)
    expect(original.includes(secret)).toBe(true)
    const { bytes, mediaType, width, height } = await prepare(
      Buffer.concat([original, Buffer.from('<script>alert(1)</script>')]),
      `image/${format}`,
    )

    expect([mediaType, width, height]).toEqual([`image/${format}`, 200, 100])
    expect((await pixels(bytes)).equals(await pixels(original))).toBe(true)
    const { exif, xmp } = await sharp(bytes).metadata()
    expect(exif ?? xmp).toBeUndefined()
    for (const trace of [secret, 'script', 'xmpmeta']) expect(Buffer.from(bytes).includes(trace)).toBe(false)
  },
)

test('a JPEG of many scans, with fill bytes, keeps every pixel', async () => {
  const original = await noise(300, 200).jpeg({ progressive: true }).withExifMerge(exif).toBuffer()
  const filled = Buffer.concat([original.subarray(0, 2), Buffer.from([0xff]), original.subarray(2)])
  const { bytes } = await prepare(filled, 'image/jpeg')

  expect((await pixels(bytes)).equals(await pixels(original))).toBe(true)
  expect(Buffer.from(bytes).includes(secret)).toBe(false)
})

test('bytes that were changed at random are read or refused', async () => {
  const originals = {
    'image/jpeg': await photo('jpeg'),
    'image/gif': await moving('gif'),
    'image/webp': await moving('webp'),
  }
  for (const [type, original] of Object.entries(originals)) {
    for (let at = 0; at < Math.min(original.length, 400); at += 20) {
      const changed = Buffer.from(original)
      changed[at] = (changed[at] ?? 0) ^ 0xff
      const result = await prepare(changed, type as ImageType).catch((error: unknown) => error)
      if (result instanceof Error) expect(result).toBeInstanceOf(UnreadableImage)
    }
  }
})

test.each(['jpeg', 'png', 'webp'] as const)('a %s that lies on its side is turned', async (format) => {
  const { bytes, mediaType, width, height } = await prepare(await photo(format, 6), `image/${format}`)

  expect([mediaType, width, height]).toEqual([`image/${format}`, 100, 200])
  const metadata = await sharp(bytes).metadata()
  expect(metadata).toMatchObject({ width: 100, height: 200 })
  expect(metadata.orientation ?? 1).toBe(1)
  expect(metadata.exif ?? metadata.xmp).toBeUndefined()
})

test('an AVIF becomes a WebP without metadata', async () => {
  const { bytes, mediaType } = await prepare(await photo('avif'), 'image/avif')

  expect(mediaType).toBe('image/webp')
  const { format, exif, xmp } = await sharp(bytes).metadata()
  expect(format).toBe('webp')
  expect(exif ?? xmp).toBeUndefined()
})

test.each(['gif', 'webp'] as const)('a %s that moves goes on moving, without metadata', async (format) => {
  const original = await moving(format)
  const { bytes, width, height } = await prepare(
    Buffer.concat([original, Buffer.from('PK\x03\x04')]),
    `image/${format}`,
  )

  expect([width, height]).toEqual([60, 40])
  expect(await sharp(bytes, { animated: true }).metadata()).toMatchObject({
    pages: 3,
    delay: [100, 200, 300],
    loop: 2,
  })
  expect((await pixels(bytes)).equals(await pixels(original))).toBe(true)
  expect(Buffer.from(bytes).includes('xmpmeta')).toBe(false)
  expect(Buffer.from(bytes).includes('PK\x03\x04')).toBe(false)
})

test('what was cleaned once is not changed by cleaning it again', async () => {
  for (const format of ['jpeg', 'png', 'webp'] as const) {
    const once = await prepare(await photo(format), `image/${format}`)
    const again = await prepare(once.bytes, once.mediaType)
    expect(Buffer.from(again.bytes).equals(once.bytes)).toBe(true)
  }
})

test.each([
  [3000, 2000, [320, 1280]],
  [800, 1200, [320, 1200]],
  [320, 10, [320]],
  [20, 30, [30]],
  [1, 1, [1]],
])('of %d × %d pixels there are thumbnails with the longest sides %j', async (width, height, sides) => {
  const { thumbnails, thumbHash } = await prepare(await noise(width, height).jpeg().toBuffer(), 'image/jpeg')

  expect(thumbnails.map(({ side }) => side)).toEqual(sides)
  for (const { side, bytes } of thumbnails) {
    const metadata = await sharp(bytes).metadata()
    expect(metadata.format).toBe('webp')
    expect(Math.max(metadata.width, metadata.height)).toBe(side)
  }
  expect(Buffer.from(thumbHash, 'base64').length).toBeGreaterThan(4)
})

test('colours that mean something else without their profile keep it', async () => {
  const wide = await noise(50, 50).jpeg().withIccProfile('p3').toBuffer()
  const { bytes } = await prepare(wide, 'image/jpeg')

  expect((await sharp(bytes).metadata()).icc).toBeDefined()
})

test.each(['jpeg', 'png', 'webp', 'gif'] as const)('a damaged %s is refused', async (format) => {
  const whole = await noise(300, 300).toFormat(format).toBuffer()
  const type: ImageType = `image/${format}`

  await expect(prepare(whole.subarray(0, whole.length / 2), type)).rejects.toThrow(UnreadableImage)
  await expect(prepare(Buffer.alloc(40), type)).rejects.toThrow(UnreadableImage)
})
