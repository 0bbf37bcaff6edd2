import { randomBytes } from 'node:crypto'
import type { Attachment } from '@finnigram/contracts'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FileStorage, openFileStorage } from './fixture/open-file-storage.ts'
import { type Person, startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'
import { attach, fetchFile, tus, upload } from './fixture/upload.ts'

let place: FileStorage
let messages: TestMessages
let alice: Person

beforeAll(async () => {
  place = await openFileStorage('disk')
  messages = await startTestMessages({ env: place.env })
  alice = await messages.join('Alice')
})
afterAll(async () => {
  await messages[Symbol.asyncDispose]()
  await place[Symbol.asyncDispose]()
})

const draw = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: '#4080c0' } })
const get = (path: string) => fetchFile(messages.node, alice, { path })
const script = '<script>alert(document.domain)</script>'
const svg = `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>`

test('a photo is turned upright, loses its metadata, and gets thumbnails', async () => {
  const photo = await draw(2000, 1000)
    .jpeg()
    .withMetadata({ orientation: 6 })
    .withExifMerge({ IFD0: { Artist: 'Ada' }, IFD3: { GPSLatitude: '51/1 30/1 0/1' } })
    .toBuffer()
  const photoInfo = await attach(messages.node, alice, {
    bytes: photo,
    name: 'IMG_1.JPG',
    type: 'image/jpeg',
  })
  expect(photoInfo).toMatchObject({
    kind: 'image',
    mediaType: 'image/jpeg',
    name: 'IMG_1.JPG',
    width: 1000,
    height: 2000,
    thumbHash: expect.stringMatching(/^[\w+/]{10,}=*$/),
  })
  const { bytes, headers } = await get(`/v1/attachments/${photoInfo.id}`)
  expect(bytes.length).toBe(photoInfo.size)
  expect(bytes.includes('Ada') || bytes.includes('Exif')).toBe(false)
  expect(await sharp(bytes).metadata()).toMatchObject({ width: 1000, height: 2000 })
  expect(headers.get('content-disposition')).toBe("inline; filename*=UTF-8''IMG_1.JPG")

  for (const [size, longest] of [
    ['', 320],
    ['?size=1', 320],
    ['?size=321', 1280],
    ['?size=2048', 1280],
  ] as const) {
    const thumbnail = await get(`/v1/attachments/${photoInfo.id}/thumbnail${size}`)
    expect([thumbnail.status, thumbnail.headers.get('content-type')]).toEqual([200, 'image/webp'])
    expect(await sharp(thumbnail.bytes).metadata()).toMatchObject({ height: longest, width: longest / 2 })
  }
  expect((await get(`/v1/attachments/${photoInfo.id}/thumbnail?size=0`)).status).toBe(400)
  expect((await get(`/v1/attachments/${photoInfo.id}/thumbnail?size=4096`)).status).toBe(400)
})

/** A photo that says who took it and where. */
const telling = (format: 'jpeg' | 'tiff' | 'avif') =>
  draw(60, 40)
    .toFormat(format)
    .withExif({ IFD0: { Artist: 'Ada was here' }, IFD3: { GPSLatitude: '51/1 30/1 0/1' } })
    .withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/">Ada was here</x:xmpmeta>')
    .toBuffer()

test('a photo sent as a file keeps every byte, and is saved, not shown', async () => {
  const bytes = await telling('jpeg')
  const info = await attach(messages.node, alice, { bytes, name: 'a.jpg', type: 'image/jpeg', as: 'file' })

  expect(info).toMatchObject({ kind: 'file', mediaType: 'image/jpeg', name: 'a.jpg', thumbHash: null })
  const file = await get(`/v1/attachments/${info.id}`)
  expect(file.bytes.equals(bytes)).toBe(true)
  expect(file.headers.get('content-disposition')).toMatch(/^attachment;/)
})

test.each([
  [
    'image/heic',
    async () => Buffer.from((await telling('avif')).toString('latin1').replace('avif', 'heic'), 'latin1'),
  ],
  ['image/tiff', () => telling('tiff')],
])('a picture that few can show (%s) loses what it told of its owner, too', async (mediaType, make) => {
  const bytes = await make()
  expect(bytes.includes('Ada was here')).toBe(true)
  const info = await attach(messages.node, alice, { bytes, name: 'IMG_1', type: mediaType })

  expect(info).toMatchObject({ kind: 'file', mediaType })
  const file = await get(`/v1/attachments/${info.id}`)
  expect(file.bytes.length).toBe(info.size)
  expect(file.bytes.includes('Ada was here')).toBe(false)
  const damaged = { bytes: bytes.subarray(0, bytes.length / 2), name: 'IMG_2' }
  expect((await upload(messages.node, alice, damaged)).code).toBe('unsupported_media_type')
})

test('only pictures have thumbnails', async () => {
  const { id } = await attach(messages.node, alice, { bytes: randomBytes(100) })

  expect((await get(`/v1/attachments/${id}/thumbnail`)).status).toBe(404)
})

test.each([
  ['a page', Buffer.from(`<!doctype html>${script}`), 'photo.png', 'image/png'],
  ['an SVG', Buffer.from(svg), 'drawing.svg', 'image/svg+xml'],
  ['an SVG with a declaration', Buffer.from(`<?xml version="1.0"?>${svg}`), 'drawing.png', 'image/png'],
  ['a script', Buffer.from('alert(1)'), 'song.mp3', 'audio/mpeg'],
  ['a page of ten endings', Buffer.from(script), 'a.jpg.png.html', 'text/html'],
])('%s is handed out as text to save, whatever it says it is', async (_, bytes, name, type) => {
  const info = await attach(messages.node, alice, { bytes, name, type })

  expect(info).toMatchObject({ kind: 'file', mediaType: 'text/plain', thumbHash: null })
  const { headers } = await get(`/v1/attachments/${info.id}`)
  expect(headers.get('content-type')).toBe('text/plain; charset=utf-8')
  expect(headers.get('content-disposition')).toMatch(/^attachment;/)
  expect(headers.get('x-content-type-options')).toBe('nosniff')
  expect(headers.get('content-security-policy')).toBe("sandbox; default-src 'none'")
  expect(headers.get('cross-origin-resource-policy')).toBe('same-origin')
})

test.each([
  ['a page in Latin-1', Buffer.from(`${script} Gr\xfc\xdfe`, 'latin1'), 'text/plain'],
  ['a page in UTF-16', Buffer.from(`\ufeff${script}`, 'utf16le'), 'text/plain; charset=utf-16le'],
])('%s is handed out as text to save, in its own encoding', async (_, bytes, contentType) => {
  const info = await attach(messages.node, alice, { bytes, name: 'a.html', type: 'text/html' })

  expect(info).toMatchObject({ kind: 'file', mediaType: expect.stringMatching(/^text\/plain; charset=/) })
  const file = await get(`/v1/attachments/${info.id}`)
  expect(file.bytes.equals(bytes)).toBe(true)
  expect(file.headers.get('content-type')).toBe(contentType)
  expect(file.headers.get('content-disposition')).toMatch(/^attachment;/)
  expect(file.headers.get('x-content-type-options')).toBe('nosniff')
})

test.each(['jpeg', 'png', 'webp', 'gif'] as const)(
  'a %s that is a page as well loses the page, and its name gets the ending of a picture',
  async (format) => {
    const polyglot = Buffer.concat([await draw(40, 30).toFormat(format).toBuffer(), Buffer.from(script)])
    const info = await attach(messages.node, alice, { bytes: polyglot, name: 'evil.html', type: 'text/html' })

    expect(info).toMatchObject({ kind: 'image', mediaType: `image/${format}`, width: 40, height: 30 })
    expect(info.name).toMatch(/^evil\.html\.(jpg|png|webp|gif)$/)
    const { bytes, headers } = await get(`/v1/attachments/${info.id}`)
    expect(bytes.includes('script')).toBe(false)
    expect(headers.get('content-type')).toBe(`image/${format}`)
    expect(headers.get('content-security-policy')).toBe("sandbox; default-src 'none'")
  },
)

test('a script in the comment of a GIF goes with the comment', async () => {
  const gif = await draw(4, 4).gif().toBuffer()
  const comment = Buffer.concat([
    Buffer.from([0x21, 0xfe, script.length]),
    Buffer.from(script),
    Buffer.from([0]),
  ])
  const info = await attach(messages.node, alice, {
    bytes: Buffer.concat([gif.subarray(0, -1), comment, gif.subarray(-1)]),
  })

  expect((await get(`/v1/attachments/${info.id}`)).bytes.includes('alert')).toBe(false)
})

test.each([
  ['a picture of 50,000 × 50,000 pixels', () => hugePng()],
  ['a picture that is cut off', async () => halfOf(await draw(300, 300).jpeg().toBuffer())],
  ['the mark of a PNG and nothing else', async () => Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1')],
  ['the mark of a GIF before a script', async () => Buffer.from(`GIF89a/*${script}*/=1`)],
])('%s is refused, and gone', async (_, make) => {
  const { id, status, code } = await upload(messages.node, alice, { bytes: await make(), name: 'x.png' })

  expect([status, code]).toEqual([415, 'unsupported_media_type'])
  expect((await get(`/v1/attachments/${id}`)).status).toBe(404)
  expect((await tus(messages.node, `HEAD /v1/uploads/${id}`, { token: alice.token })).status).toBe(404)
  expect((await place.list()).filter((path) => path.includes(id))).toEqual([])
})

test('a program is a file like any other: saved, never shown', async () => {
  const program = Buffer.concat([Buffer.from('MZ\x90\0\x03', 'latin1'), randomBytes(200)])
  const info = await attach(messages.node, alice, { bytes: program, name: 'cat.jpg', type: 'image/jpeg' })

  expect(info).toMatchObject({ kind: 'file', name: 'cat.jpg' })
  expect((await get(`/v1/attachments/${info.id}`)).headers.get('content-disposition')).toMatch(/^attachment;/)
})

test('zip files are stored as they are and never unpacked', async () => {
  const zip = Buffer.concat([Buffer.from('PK\x03\x04\x14\0\0\0\x08\0', 'latin1'), randomBytes(300)])
  const info = await attach(messages.node, alice, { bytes: zip, name: 'bomb.zip' })

  expect(info).toMatchObject({ kind: 'file', size: zip.length })
  expect((await get(`/v1/attachments/${info.id}`)).bytes.equals(zip)).toBe(true)
})

test('a voice message is sound', async () => {
  const head = '1a45dfa39f4286810142f7810142f2810442f381084282847765626d42878104428581'
  const webm = Buffer.concat([Buffer.from(head, 'hex'), randomBytes(200)])
  const info: Attachment = await attach(messages.node, alice, {
    bytes: webm,
    name: 'voice',
    type: 'audio/webm',
  })

  expect(info).toMatchObject({ kind: 'audio', mediaType: 'audio/webm', name: 'voice.webm' })
  expect((await get(`/v1/attachments/${info.id}`)).headers.get('content-disposition')).toMatch(/^inline;/)
})

const halfOf = (bytes: Buffer) => bytes.subarray(0, bytes.length / 2)

/** A small file whose head promises 7.5 GB of pixels. */
async function hugePng(): Promise<Buffer> {
  const png = await draw(5, 5).png().toBuffer()
  png.writeUInt32BE(50_000, 16)
  png.writeUInt32BE(50_000, 20)
  const { crc32 } = await import('node:zlib')
  png.writeUInt32BE(crc32(png.subarray(12, 29)), 29)
  return png
}
