import { makeHeic } from '@finnigram/images/testing'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FileStorage, openFileStorage } from './fixture/open-file-storage.ts'
import { type Person, startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'
import { attach, fetchFile, upload } from './fixture/upload.ts'

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

const get = (path: string) => fetchFile(messages.node, alice, { path })

test('a HEIC gets thumbnails that every client can show, and loses its metadata', async () => {
  const bytes = makeHeic({ turns: 1 })
  const info = await attach(messages.node, alice, { bytes, name: 'IMG_1.HEIC', type: 'image/heic' })

  expect(info).toMatchObject({
    kind: 'image',
    mediaType: 'image/heic',
    name: 'IMG_1.HEIC',
    size: bytes.length,
  })
  expect(info).toMatchObject({ width: 64, height: 128, thumbHash: expect.stringMatching(/^[\w+/]{10,}=*$/) })
  const thumbnail = await get(`/v1/attachments/${info.id}/thumbnail?size=1280`)
  expect(thumbnail.headers.get('content-type')).toBe('image/webp')
  expect(await sharp(thumbnail.bytes).metadata()).toMatchObject({ width: 64, height: 128 })
  const file = await get(`/v1/attachments/${info.id}`)
  expect(file.headers.get('content-disposition')).toMatch(/^attachment;/)
  expect(file.bytes.includes('Ada was here')).toBe(false)
  const whole = await attach(messages.node, alice, { bytes, name: 'IMG_1.HEIC', as: 'file' })
  expect(whole).toMatchObject({ kind: 'file', thumbHash: null })
})

test('a HEIC that cannot be decoded becomes a file', async () => {
  const bytes = makeHeic({ tiles: [2, 77] })
  const info = await attach(messages.node, alice, { bytes, name: 'IMG_1.HEIC', type: 'image/heic' })

  expect(info).toMatchObject({ kind: 'file', mediaType: 'image/heic', width: null, thumbHash: null })
  expect((await get(`/v1/attachments/${info.id}/thumbnail`)).status).toBe(404)
})

/** A film of a telephone, as small as can be: it says where it was made. */
function film(): Buffer {
  const box = (type: string, ...content: (Uint8Array | string)[]) => {
    const body = Buffer.concat(content.map((part) => Buffer.from(part as string, 'latin1')))
    const head = Buffer.alloc(8)
    head.writeUInt32BE(8 + body.length)
    head.write(type, 4, 'latin1')
    return Buffer.concat([head, body])
  }
  const place = box('udta', box('©xyz', '\0\x12\x15\xc7+51.5007-000.1246/'))
  return Buffer.concat([
    box('ftyp', 'isom\0\0\0\0isom'),
    box('moov', box('mvhd', Buffer.alloc(100)), place),
    box('mdat', 'frames'),
  ])
}

test('a film or recording loses its metadata, and keeps its length', async () => {
  const bytes = film()
  for (const [brand, kind, mediaType, type] of [
    ['isom', 'video', 'video/mp4', 'video/mp4'],
    ['isom', 'audio', 'audio/mp4', 'audio/mp4'],
    ['qt  ', 'video', 'video/quicktime', 'video/quicktime'],
    ['M4A ', 'audio', 'audio/x-m4a', 'audio/mp4'],
    ['3gp5', 'video', 'video/3gpp', 'video/3gpp'],
  ] as const) {
    bytes.write(brand, 8, 'latin1')
    const info = await attach(messages.node, alice, { bytes, name: 'film', type })

    expect(info).toMatchObject({ kind, mediaType, size: bytes.length })
    const file = await get(`/v1/attachments/${info.id}`)
    expect(file.bytes.includes('+51.5')).toBe(false)
    expect(file.bytes.indexOf('frames')).toBe(bytes.indexOf('frames'))
  }
  const whole = await attach(messages.node, alice, { bytes, name: 'film', as: 'file' })
  expect(whole.kind).toBe('file')
  expect((await get(`/v1/attachments/${whole.id}`)).bytes.equals(bytes)).toBe(true)
  const damaged = { bytes: bytes.subarray(0, 60), name: 'film' }
  expect((await upload(messages.node, alice, damaged)).code).toBe('unsupported_media_type')
})
