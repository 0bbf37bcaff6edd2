import { expectLog } from '@finnigram/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FileStorage, openFileStorage } from './fixture/open-file-storage.ts'
import { type Person, startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'
import { beginUpload, sendChunk, tus, upload } from './fixture/upload.ts'

interface Refusal {
  code: string
  errors?: { path: string; message: string }[]
}

let place: FileStorage
let messages: TestMessages
let alice: Person

beforeAll(async () => {
  place = await openFileStorage('disk')
  messages = await startTestMessages({ env: { ...place.env, UPLOAD_MAX_BYTES: '1000' } })
  alice = await messages.join('Alice')
})
afterAll(async () => {
  await messages[Symbol.asyncDispose]()
  await place[Symbol.asyncDispose]()
})

const create = (headers: Record<string, string>) =>
  tus<Refusal>(messages.node, 'POST /v1/uploads', { token: alice.token, headers })

async function begin(length = 10): Promise<string> {
  const { headers } = await beginUpload(messages.node, alice, { length })
  return headers.get('location') ?? ''
}

test('a file over the limit is refused before a byte is sent', async () => {
  const { status, body, headers } = await create({ 'upload-length': '1001' })

  expect([status, body.code]).toEqual([413, 'payload_too_large'])
  expect(headers.get('content-type')).toBe('application/problem+json')
  expect((await create({ 'upload-length': '9007199254740993' })).status).toBe(400)
  expect((await create({ 'upload-length': '1e3' })).status).toBe(400)
  expect((await create({ 'upload-length': '-1' })).status).toBe(400)
})

test('more bytes than were announced are refused while they stream, with and without a length', async () => {
  const location = await begin(10)
  const declared = await sendChunk(messages.node, alice, { location, offset: 0, bytes: new Uint8Array(11) })
  expect([declared.status, declared.body.code]).toEqual([413, 'payload_too_large'])

  const response = await fetch(messages.node.url + location, {
    method: 'PATCH',
    headers: {
      authorization: `Bearer ${alice.token}`,
      'tus-resumable': '1.0.0',
      'upload-offset': '0',
      'content-type': 'application/offset+octet-stream',
    },
    body: ReadableStream.from([Buffer.alloc(8), Buffer.alloc(8)]),
    duplex: 'half',
  })
  expect(response.status).toBe(413)
  expect((await response.json()) as Refusal).toMatchObject({ code: 'payload_too_large' })
})

test('a length that is not said, or said later, is refused', async () => {
  const ways: Record<string, string>[] = [
    { 'upload-length': '3', 'upload-concat': 'partial' },
    {},
    { 'upload-defer-length': '1' },
    { 'upload-length': '3', 'upload-defer-length': '1' },
  ]
  for (const headers of ways) {
    const { status, body } = await create(headers)
    expect([status, body.code]).toEqual([400, 'validation_failed'])
  }
})

test('a chunk that does not begin where the upload is, is a conflict', async () => {
  const { status, body } = await sendChunk(messages.node, alice, {
    location: await begin(),
    offset: 3,
    bytes: new Uint8Array(2),
  })

  expect([status, body.code]).toEqual([409, 'conflict'])
})

test.each([
  ['no protocol version', { 'tus-resumable': '' }, 400, 'validation_failed', 'headers.tus-resumable'],
  [
    'another protocol version',
    { 'tus-resumable': '0.2.2' },
    400,
    'validation_failed',
    'headers.tus-resumable',
  ],
  ['no offset', {}, 400, 'validation_failed', 'headers.upload-offset'],
  ['a broken offset', { 'upload-offset': 'NaN' }, 400, 'validation_failed', 'headers.upload-offset'],
  [
    'another content type',
    { 'upload-offset': '0', 'content-type': 'text/html' },
    415,
    'unsupported_media_type',
  ],
] as const)('a chunk with %s is refused', async (_, headers, status, code, path?: string) => {
  const refusal = await tus<Refusal>(messages.node, `PATCH ${await begin()}`, {
    token: alice.token,
    headers,
    body: 'x',
  })

  expect([refusal.status, refusal.body.code]).toEqual([status, code])
  expect(refusal.body.errors?.[0]?.path).toBe(path)
  expect(refusal.headers.get('tus-resumable')).toBe('1.0.0')
})

test('an unknown upload is not found', async () => {
  const nowhere = '01936b1c-0000-7000-8000-000000000000'
  const chunk = { location: `/v1/uploads/${nowhere}`, offset: 0, bytes: new Uint8Array(1) }
  expect((await sendChunk(messages.node, alice, chunk)).body.code).toBe('not_found')
  for (const path of ['..%2f..%2fetc%2fpasswd', 'x', `${nowhere}%00`]) {
    const { status } = await tus(messages.node, `HEAD /v1/uploads/${path}`, { token: alice.token })
    expect(status).toBe(400)
  }
})

test('an upload that has run out is gone', async () => {
  const location = await begin()
  await messages.node.ctx.pool.query(
    `UPDATE uploads SET created_at = created_at - interval '25 hours', expires_at = expires_at - interval '25 hours' WHERE id = $1`,
    [location.split('/').at(-1)],
  )

  const { status, body } = await sendChunk(messages.node, alice, {
    location,
    offset: 0,
    bytes: new Uint8Array(10),
  })
  expect([status, body.code]).toEqual([410, 'gone'])
  expect((await tus(messages.node, `HEAD ${location}`, { token: alice.token })).status).toBe(410)
})

test.each([
  ['is no base64', 'filename %%%'],
  ['is not padded', 'filename YWI'],
  ['has a name twice', 'filename YWI=,filename YWI='],
  ['has an empty name', 'a YWI=, YWI='],
])('metadata that %s is refused', async (_, metadata) => {
  const { status, body } = await create({ 'upload-length': '3', 'upload-metadata': metadata })

  expect([status, body.code]).toEqual([400, 'validation_failed'])
})

test.each([
  ['../../../etc/cron.d/evil', 'evil'],
  ['..\\..\\evil.bat', 'evil.bat'],
  ['x.txt\r\nSet-Cookie: sid=1\r\n\r\n<script>', 'x.txtSet-Cookie: sid=1<script>'],
  ['photo\u202Egpj.exe', 'photogpj.exe'],
  ['a\0\x07b.txt', 'ab.txt'],
  ['n'.repeat(9000), 'n'.repeat(160)],
  ['"; filename=evil.html; x="', '"; filename=evil.html; x="'],
  ["it's (1)*.txt", "it's (1)*.txt"],
])('a file called %j is called %j', async (given, name) => {
  const { id } = await upload(messages.node, alice, { bytes: Buffer.from('some text'), name: given })
  const info = await alice.call<{ name: string }>(`GET /v1/attachments/${id}/info`)
  expect(info.body.name).toBe(name)

  const { headers } = await alice.call(`HEAD /v1/attachments/${id}`)
  const disposition = headers.get('content-disposition') ?? ''
  expect(disposition).toMatch(/^attachment; filename\*=UTF-8''[\w.~!%-]+$/)
  expect(decodeURIComponent(disposition.split("''")[1] ?? '')).toBe(name)
  expect(headers.get('set-cookie')).toBeNull()
})

test('unknown metadata changes nothing', async () => {
  const metadata = `__proto__ ${btoa('x')},constructor ${btoa('y')},is_confidential,filename ${btoa('ok.txt')}`
  const { status } = await create({ 'upload-length': '3', 'upload-metadata': metadata })

  expect([201, 400]).toContain(status)
  expect(Object.prototype).not.toHaveProperty('x')
})

test('a node that is asked too much says so', async () => {
  await using strict = await startTestMessages({ env: { ...place.env, RATE_LIMIT_SCALE: '0.05' } })
  const carol = await strict.join('Carol')
  const statuses = []
  for (let i = 0; i < 5; i += 1) statuses.push((await beginUpload(strict.node, carol, { length: 1 })).status)

  expect(statuses).toEqual([201, 201, 201, 429, 429])
})

test('an upload with which its process ended again and again is parked, and its sender may ask again after a retry', async () => {
  expectLog(/is parked/)
  const { pool, parked } = messages.node.ctx
  const location = await begin(4)
  const id = location.split('/').at(-1) ?? ''
  // As processes leave it that began to make a file of it and ended.
  await pool.query('UPDATE uploads SET finish_tries = 5 WHERE id = $1', [id])
  const send = () => sendChunk(messages.node, alice, { location, offset: 0, bytes: Buffer.from('text') })
  const refused = await send()
  expect([refused.status, refused.body.code]).toEqual([415, 'unsupported_media_type'])
  expect(await parked.list({ kind: 'upload', limit: 10 })).toMatchObject([{ id, what: `upload ${id}` }])

  expect(await parked.retry({ kind: 'upload', id })).toBe(true)
  const again = await sendChunk(messages.node, alice, { location, offset: 4, bytes: Buffer.alloc(0) })
  expect(again.status).toBe(204)
  expect((await parked.counts())['upload']).toBe(0)
})
