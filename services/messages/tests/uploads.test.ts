import { randomBytes } from 'node:crypto'
import { request as openRequest } from 'node:http'
import type { Attachment } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { Upload } from 'tus-js-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createFinisher } from '../src/attachments/finish/finish-upload.ts'
import { findUpload } from '../src/attachments/uploads/upload-row.ts'
import { type FileStorage, openFileStorage } from './fixture/open-file-storage.ts'
import { type Person, startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'
import { attach, beginUpload, fetchFile, sendChunk, tus } from './fixture/upload.ts'

const largest = 4 * 2 ** 20

/** The service with two nodes on one database, keeping files on a disk or in a bucket. */
describe.each(['disk', 's3'] as const)('uploads kept on %s', (kind) => {
  let place: FileStorage
  let messages: TestMessages
  let alice: Person
  let bob: Person

  beforeAll(async () => {
    place = await openFileStorage(kind)
    messages = await startTestMessages({ count: 2, env: { ...place.env, UPLOAD_MAX_BYTES: String(largest) } })
    alice = await messages.join('Alice')
    bob = await messages.join('Bob')
  })
  afterAll(async () => {
    await messages[Symbol.asyncDispose]()
    await place[Symbol.asyncDispose]()
  })

  const offsetOf = async (location: string, who = alice, node = messages.node) => {
    const { status, headers } = await tus(node, `HEAD ${location}`, { token: who.token })
    return {
      status,
      offset: Number(headers.get('upload-offset')),
      length: Number(headers.get('upload-length')),
    }
  }

  test('uploading requires sign-in', async () => {
    const headers = { 'upload-length': '3' }
    const { status, body } = await tus<{ code: string }>(messages.node, 'POST /v1/uploads', { headers })
    expect([status, body.code]).toEqual([401, 'unauthenticated'])
    for (const method of ['HEAD', 'PATCH', 'DELETE']) {
      const path = '/v1/uploads/01936b1c-0000-7000-8000-000000000000'
      expect((await tus(messages.node, `${method} ${path}`)).status).toBe(401)
    }
  })

  test('OPTIONS needs no sign-in', async () => {
    const { status, headers } = await tus(messages.node, 'OPTIONS /v1/uploads')

    expect(status).toBe(204)
    expect(headers.get('tus-version')).toBe('1.0.0')
    expect(headers.get('tus-max-size')).toBe(String(largest))
    expect(headers.get('tus-extension')).toBe('creation,creation-with-upload,expiration,termination')
    expect(headers.get('access-control-allow-origin')).toBeNull()
  })

  test('a file in chunks, by turns over two nodes, becomes an attachment of the same id', async () => {
    const bytes = randomBytes(2_500_000)
    const begun = await beginUpload(messages.node, alice, { length: bytes.length, name: 'data.bin' })
    const location = begun.headers.get('location') ?? ''
    expect(location).toMatch(/^\/v1\/uploads\/[0-9a-f-]{36}$/)
    expect(Date.parse(begun.headers.get('upload-expires') ?? '')).toBeGreaterThan(Date.now())
    const size = 900_000
    for (let offset = 0, i = 0; offset < bytes.length; offset += size, i += 1) {
      const node = messages.nodes[i % 2] ?? messages.node
      const chunk = bytes.subarray(offset, offset + size)
      const { status, headers } = await sendChunk(node, alice, { location, offset, bytes: chunk })
      expect([status, Number(headers.get('upload-offset'))]).toEqual([204, offset + chunk.length])
    }
    const id = location.split('/').at(-1)
    const info = await alice.call<Attachment>(`GET /v1/attachments/${id}/info`)
    expect(info.body).toEqual({
      id,
      kind: 'file',
      name: 'data.bin',
      mediaType: 'application/octet-stream',
      size: bytes.length,
      width: null,
      height: null,
      thumbHash: null,
    })
    const file = await fetchFile(messages.node, alice, { path: `/v1/attachments/${id}` })
    expect(file.bytes.equals(bytes)).toBe(true)
    expect((await place.list()).filter((path) => path.includes(id ?? ''))).toEqual([])
  })

  test('tus-js-client uploads in chunks of half a megabyte', async () => {
    const bytes = randomBytes(1_800_000)
    const progress: number[] = []
    const url = await new Promise<string | null>((resolve, reject) => {
      const uploading = new Upload(bytes, {
        endpoint: `${messages.node.url}/v1/uploads`,
        chunkSize: 512 * 1024,
        headers: { authorization: `Bearer ${alice.token}` },
        metadata: { filename: 'film.bin', filetype: 'video/mp4' },
        onError: reject,
        onChunkComplete: (_size, accepted) => void progress.push(accepted),
        onSuccess: () => resolve(uploading.url),
      })
      uploading.start()
    })

    expect(progress).toEqual([524_288, 1_048_576, 1_572_864, 1_800_000])
    const id = url?.split('/').at(-1)
    const file = await fetchFile(messages.node, alice, { path: `/v1/attachments/${id}` })
    expect(file.bytes.equals(bytes)).toBe(true)
  })

  test('bytes before a disconnect are kept, and another node takes the rest', async () => {
    const bytes = randomBytes(1_700_000)
    const begun = await beginUpload(messages.node, alice, { length: bytes.length })
    const location = begun.headers.get('location') ?? ''
    const [, other = messages.node] = messages.nodes
    const hangUp = beginSending(messages.node.url + location, { token: alice.token, bytes, until: 1_300_000 })
    await eventually(async () =>
      expect((await offsetOf(location, alice, other)).offset).toBeGreaterThan(1_000_000),
    )
    hangUp()

    await eventually(async () => {
      const { offset } = await offsetOf(location, alice, other)
      const rest = { location, offset, bytes: bytes.subarray(offset) }
      expect((await sendChunk(other, alice, rest)).status).toBe(204)
    })
    const path = `/v1/attachments/${location.split('/').at(-1)}`
    expect((await fetchFile(messages.node, alice, { path })).bytes.equals(bytes)).toBe(true)
  })

  test('of two requests with the same bytes on two nodes, one stores them and the other gets a conflict', async () => {
    const bytes = randomBytes(2_200_000)
    const begun = await beginUpload(messages.node, alice, { length: bytes.length })
    const location = begun.headers.get('location') ?? ''
    const replies = await Promise.all(
      messages.nodes.map((node) => sendChunk(node, alice, { location, offset: 0, bytes })),
    )

    expect(replies.map(({ status }) => status).sort()).toEqual([204, 409])
    expect(replies.find(({ status }) => status === 409)?.body.code).toBe('conflict')
    const path = `/v1/attachments/${location.split('/').at(-1)}`
    expect((await fetchFile(messages.node, alice, { path })).bytes.equals(bytes)).toBe(true)
  })

  test('the last chunk may be sent again, its answer may have been lost', async () => {
    const bytes = randomBytes(1000)
    const { id } = await attach(messages.node, alice, { bytes })
    const location = `/v1/uploads/${id}`

    expect(await offsetOf(location)).toEqual({ status: 200, offset: 1000, length: 1000 })
    const again = await Promise.all(
      messages.nodes.map((node) =>
        sendChunk(node, alice, { location, offset: 1000, bytes: new Uint8Array() }),
      ),
    )
    expect(again.map(({ status }) => status)).toEqual([204, 204])
    expect((await sendChunk(messages.node, alice, { location, offset: 0, bytes })).status).toBe(409)
  })

  test('finishing an upload that was just finished does nothing', async () => {
    const bytes = randomBytes(1000)
    const begun = await beginUpload(messages.node, alice, { length: bytes.length })
    const location = begun.headers.get('location') ?? ''
    const [, other = messages.node] = messages.nodes
    const before = await findUpload(other.ctx, { userId: alice.id }, location.split('/').at(-1) ?? '')
    if (!before) throw new Error('Nothing was begun')
    await sendChunk(messages.node, alice, { location, offset: 0, bytes })

    await createFinisher(other.ctx)({ ...before, received: bytes.length })
    expect(await offsetOf(location)).toMatchObject({ status: 200, offset: 1000 })
  })

  test('a process that died before the file was looked at: asking how far it is finishes it', async () => {
    const begun = await beginUpload(messages.node, alice, { length: 5, name: 'note.txt' })
    const location = begun.headers.get('location') ?? ''
    const id = location.split('/').at(-1) ?? ''
    const { ctx } = messages.node
    await ctx.files.put(`uploads/${id}/0-x`, Buffer.from('hello'))
    await ctx.pool.query('UPDATE uploads SET received = 5 WHERE id = $1', [id])
    await ctx.pool.query('INSERT INTO upload_pieces (upload_id, start, key) VALUES ($1, 0, $2)', [
      id,
      `uploads/${id}/0-x`,
    ])
    expect((await alice.call(`GET /v1/attachments/${id}`)).status).toBe(404)

    const asked = await Promise.all(
      [...messages.nodes, ...messages.nodes].map((node) => offsetOf(location, alice, node)),
    )
    expect(asked.map(({ offset }) => offset)).toEqual([5, 5, 5, 5])
    expect((await fetchFile(messages.node, alice, { path: `/v1/attachments/${id}` })).bytes.toString()).toBe(
      'hello',
    )
    expect((await place.list()).filter((path) => path.startsWith('uploads/'))).toEqual([])
  })

  test('an empty file is complete at once', async () => {
    const { id, size } = await attach(messages.node, alice, { bytes: new Uint8Array(), name: 'empty.txt' })

    expect(size).toBe(0)
    const file = await fetchFile(messages.node, alice, { path: `/v1/attachments/${id}` })
    expect([file.status, file.bytes.length]).toEqual([200, 0])
  })

  test('a small file may come with its creation', async () => {
    const { status, headers } = await tus(messages.node, 'POST /v1/uploads', {
      token: alice.token,
      headers: { 'upload-length': '5', 'content-type': 'application/offset+octet-stream' },
      body: 'hello',
    })

    expect([status, headers.get('upload-offset')]).toEqual([201, '5'])
    const path = (headers.get('location') ?? '').replace('uploads', 'attachments')
    expect((await fetchFile(messages.node, alice, { path })).bytes.toString()).toBe('hello')
  })

  test('somebody else’s upload is not there', async () => {
    const begun = await beginUpload(messages.node, alice, { length: 4 })
    const location = begun.headers.get('location') ?? ''

    expect((await offsetOf(location, bob)).status).toBe(404)
    const stolen = await sendChunk(messages.node, bob, { location, offset: 0, bytes: Buffer.from('evil') })
    expect([stolen.status, stolen.body.code]).toEqual([404, 'not_found'])
    expect((await tus(messages.node, `DELETE ${location}`, { token: bob.token })).status).toBe(404)
    expect(await offsetOf(location)).toEqual({ status: 200, offset: 0, length: 4 })
  })
})

/** Sends the beginning of a chunk, and never the rest. Returns how to hang up. */
function beginSending(
  url: string,
  { token, bytes, until }: { token: string; bytes: Buffer; until: number },
): () => void {
  const sending = openRequest(url, {
    method: 'PATCH',
    headers: {
      authorization: `Bearer ${token}`,
      'tus-resumable': '1.0.0',
      'upload-offset': '0',
      'content-type': 'application/offset+octet-stream',
      'content-length': bytes.length,
    },
  })
  sending.on('error', () => {})
  sending.write(bytes.subarray(0, until))
  return () => sending.destroy()
}
