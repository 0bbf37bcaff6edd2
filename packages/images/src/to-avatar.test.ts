import { crc32, deflateSync } from 'node:zlib'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { UnreadableImage } from './image-type.ts'
import { toAvatar } from './to-avatar.ts'

const draw = (width: number, height: number, background = 'red') =>
  sharp({ create: { width, height, channels: 3, background } })

const colourAt = async (picture: Buffer, left: number, top: number) => [
  ...(await sharp(picture).extract({ left, top, width: 1, height: 1 }).removeAlpha().raw().toBuffer()),
]

test.each(['jpeg', 'png', 'webp', 'gif', 'avif'] as const)(
  'a %s becomes four square WebPs',
  async (format) => {
    const { etag, pictures } = await toAvatar(await draw(300, 200).toFormat(format).toBuffer())

    expect(etag).toMatch(/^[0-9a-f]{64}$/)
    expect(pictures.map(({ size }) => size)).toEqual([64, 128, 256, 512])
    for (const { size, bytes } of pictures) {
      expect(await sharp(bytes).metadata()).toMatchObject({ format: 'webp', width: size, height: size })
    }
  },
)

test('the same picture has the same etag, another one another', async () => {
  const red = await draw(20, 20).png().toBuffer()

  expect((await toAvatar(red)).etag).toBe((await toAvatar(red)).etag)
  expect((await toAvatar(await draw(20, 20, 'blue').png().toBuffer())).etag).not.toBe(
    (await toAvatar(red)).etag,
  )
})

test('the camera’s orientation is applied and its metadata is gone', async () => {
  const blueLeft = draw(400, 400).composite([
    { input: await draw(200, 400, 'blue').png().toBuffer(), left: 0, top: 0 },
  ])
  const photo = await blueLeft
    .jpeg()
    .withMetadata({ orientation: 6 })
    .withExifMerge({ IFD3: { GPSLatitude: '51/1 30/1 0/1' }, IFD0: { Artist: 'Ada' } })
    .toBuffer()
  const { pictures } = await toAvatar(photo)
  const small = pictures[0]?.bytes ?? Buffer.alloc(0)

  // Turned by a quarter, left is up.
  expect(await colourAt(small, 32, 8)).toEqual([
    expect.closeTo(0, -1.5),
    expect.closeTo(0, -1.5),
    expect.closeTo(255, -1.5),
  ])
  const metadata = await sharp(small).metadata()
  expect(metadata.exif ?? metadata.xmp ?? metadata.icc ?? metadata.orientation).toBeUndefined()
  expect(small.includes('Ada')).toBe(false)
})

test('of a picture that moves, the first frame is taken', async () => {
  const frames = [await draw(64, 64, 'red').png().toBuffer(), await draw(64, 64, 'blue').png().toBuffer()]
  const moving = await sharp(frames, { join: { animated: true } })
    .gif()
    .toBuffer()
  const small = (await toAvatar(moving)).pictures[0]?.bytes ?? Buffer.alloc(0)

  const metadata = await sharp(small).metadata()
  expect(metadata.pages ?? 1).toBe(1)
  const [red = 0, , blue = 255] = await colourAt(small, 32, 32)
  expect(red).toBeGreaterThan(200)
  expect(blue).toBeLessThan(50)
})

test.each([
  ['an SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')],
  [
    'an SVG with a declaration',
    Buffer.from('<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>'),
  ],
  ['a page', Buffer.from('<!doctype html><script>alert(1)</script>')],
  ['nothing', Buffer.alloc(0)],
  ['only the mark of a PNG', Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')],
  ['only the mark of a GIF', Buffer.from('GIF89a<script>alert(1)</script>')],
])('%s is refused', async (_, bytes) => {
  await expect(toAvatar(bytes)).rejects.toThrow(UnreadableImage)
})

test.each(['jpeg', 'png', 'webp', 'gif', 'avif'] as const)(
  'a %s that is cut off is refused',
  async (format) => {
    const whole = await draw(300, 200).toFormat(format).toBuffer()

    await expect(toAvatar(whole.subarray(0, Math.floor(whole.length * 0.6)))).rejects.toThrow(UnreadableImage)
  },
)

test.each([
  ['a tiny file of 50,000 × 50,000 pixels', 50_000, 50_000],
  ['a side over 16,384 pixels', 16_385, 1],
  ['over 50 megapixels', 8000, 6251],
])('%s is refused before it is decoded', async (_, width, height) => {
  const refusal = await toAvatar(tinyPng(width, height)).catch((error: unknown) => error)

  if (!(refusal instanceof UnreadableImage)) throw new Error('It was taken')
  expect(refusal.cause instanceof Error ? refusal.cause.message : refusal.message).toMatch(/pixel/)
})

/** A PNG that says it is large, with hardly any data: decoding it would fail in another way. */
function tinyPng(width: number, height: number): Buffer {
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  head.set([8, 2, 0, 0, 0], 8)
  const chunks = [
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(Buffer.alloc(64))),
    chunk('IEND', Buffer.alloc(0)),
  ]
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...chunks])
}

function chunk(type: string, data: Buffer): Buffer {
  const framed = Buffer.alloc(12 + data.length)
  framed.writeUInt32BE(data.length, 0)
  framed.write(type, 4, 'latin1')
  framed.set(data, 8)
  framed.writeUInt32BE(crc32(framed.subarray(4, 8 + data.length)), 8 + data.length)
  return framed
}
