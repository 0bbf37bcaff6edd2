import { createHash, randomBytes } from 'node:crypto'
import type { Attachment, Message } from '@finnigram/contracts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type FileStorage, openFileStorage } from './fixture/open-file-storage.ts'
import { type Person, startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'
import { attach, fetchFile } from './fixture/upload.ts'

const paths = (id: string) => ['', '/info', '/thumbnail'].map((rest) => `/v1/attachments/${id}${rest}`)

describe.each(['disk', 's3'] as const)('attachments kept on %s', (kind) => {
  let place: FileStorage
  let messages: TestMessages
  let alice: Person
  let bob: Person
  let carol: Person

  beforeAll(async () => {
    place = await openFileStorage(kind)
    messages = await startTestMessages({ env: place.env })
    alice = await messages.join('Alice')
    bob = await messages.join('Bob')
    carol = await messages.join('Carol')
  })
  afterAll(async () => {
    await messages[Symbol.asyncDispose]()
    await place[Symbol.asyncDispose]()
  })

  const get = (who: Person, path: string, headers: Record<string, string> = {}) =>
    fetchFile(messages.node, who, { path, headers })
  const statusFor = async (who: Person, id: string) => (await get(who, `/v1/attachments/${id}`)).status
  const file = (bytes = randomBytes(1000), name = 'data.bin') => attach(messages.node, alice, { bytes, name })

  test('fetching requires sign-in', async () => {
    const { id } = await file()
    for (const path of paths(id)) expect((await messages.call(`GET ${path}`)).status).toBe(401)
  })

  test('participants of a conversation with a message that carries it may fetch it, nobody else', async () => {
    const { id } = await file()
    const chat = await messages.group(alice, [bob])
    for (const path of paths(id)) expect((await get(bob, path)).status).toBe(404)
    const sent = await alice.say(chat.id, 'look', { attachmentIds: [id] })

    expect(sent.attachments.map((one) => one.id)).toEqual([id])
    expect(await statusFor(alice, id)).toBe(200)
    expect(await statusFor(bob, id)).toBe(200)
    expect((await bob.call<Attachment>(`GET /v1/attachments/${id}/info`)).body).toEqual(sent.attachments[0])
    for (const path of paths(id)) expect((await get(carol, path)).status).toBe(404)
    const nowhere = '01936b1c-0000-7000-8000-000000000000'
    for (const path of paths(nowhere)) expect((await get(alice, path)).status).toBe(404)
    expect(await statusFor(alice, '..%2f..%2fetc%2fpasswd')).toBe(400)
  })

  test('nobody who left, or joined later, may fetch it', async () => {
    const { id } = await file()
    const chat = await messages.group(alice, [bob])
    await alice.say(chat.id, 'look', { attachmentIds: [id] })
    expect(await statusFor(bob, id)).toBe(200)
    await bob.call(`DELETE /v1/conversations/${chat.id}/participants/${bob.id}`)
    expect(await statusFor(bob, id)).toBe(404)

    await alice.call(`POST /v1/conversations/${chat.id}/participants`, { userIds: [carol.id] })
    expect(await statusFor(carol, id)).toBe(404)
    await alice.say(chat.id, 'again', { attachmentIds: [id] })
    expect(await statusFor(carol, id)).toBe(200)
  })

  test('a cached file is revalidated, as long as the device may see it', async () => {
    const { id } = await file()
    const chat = await messages.group(alice, [bob])
    await alice.say(chat.id, 'look', { attachmentIds: [id] })
    const path = `/v1/attachments/${id}`
    const etag = (await get(bob, path)).headers.get('etag') ?? ''
    const again = await get(bob, path, { 'if-none-match': etag })
    expect([again.status, again.bytes.length]).toEqual([304, 0])
    expect(again.headers.get('cache-control')).toBe('private, no-cache')

    await bob.call(`DELETE /v1/conversations/${chat.id}/participants/${bob.id}`)
    expect((await get(bob, path, { 'if-none-match': etag })).status).toBe(404)
  })

  test('a deleted message takes its file along at once, unless another message carries it', async () => {
    const chat = await messages.group(alice, [bob])
    const { id } = await file()
    const first = await alice.say(chat.id, 'one', { attachmentIds: [id] })
    const second = await alice.say(chat.id, 'two', { attachmentIds: [id] })
    const kept = async () => (await place.list()).filter((path) => path.includes('original')).length
    const before = await kept()
    await alice.call(`DELETE /v1/messages/${first.id}`)
    expect(await statusFor(bob, id)).toBe(200)

    await alice.call(`DELETE /v1/messages/${second.id}`)
    expect(await statusFor(bob, id)).toBe(404)
    expect(await statusFor(alice, id)).toBe(404)
    expect(await kept()).toBe(before - 1)
  })

  test('bytes that another attachment of the same person needs stay', async () => {
    const bytes = randomBytes(500)
    const chat = await messages.group(alice, [bob])
    const [one, two] = [await file(bytes), await file(bytes)]
    const message = await alice.say(chat.id, 'one', { attachmentIds: [one.id] })
    await alice.call(`DELETE /v1/messages/${message.id}`)

    expect(await statusFor(alice, one.id)).toBe(404)
    expect((await get(alice, `/v1/attachments/${two.id}`)).bytes.equals(bytes)).toBe(true)
  })

  test('a forwarded file may be fetched by its new readers', async () => {
    const { id } = await file()
    const [here, there] = [await messages.group(alice, [bob]), await messages.group(bob, [carol])]
    const message = await alice.say(here.id, 'look', { attachmentIds: [id] })
    expect(await statusFor(carol, id)).toBe(404)
    const reply = await bob.call<Message>(`POST /v1/conversations/${there.id}/messages`, {
      id: crypto.randomUUID().replace(/^(.{14})./, '$17'),
      forwardOf: message.id,
    })

    expect(reply.status).toBe(201)
    expect(await statusFor(carol, id)).toBe(200)
    await alice.call(`DELETE /v1/messages/${message.id}`)
    expect(await statusFor(carol, id)).toBe(200)
  })

  test('parts of a file come as asked for', async () => {
    const bytes = randomBytes(1000)
    const { id } = await file(bytes)
    const path = `/v1/attachments/${id}`
    const whole = await get(alice, path)
    expect(whole.headers.get('accept-ranges')).toBe('bytes')
    expect(whole.headers.get('etag')).toBe(`"${createHash('sha256').update(bytes).digest('hex')}"`)
    for (const [range, start, end] of [
      ['bytes=0-0', 0, 1],
      ['bytes=10-19', 10, 20],
      ['bytes=990-', 990, 1000],
      ['bytes=-10', 990, 1000],
      ['bytes=500-9999999', 500, 1000],
    ] as const) {
      const part = await get(alice, path, { range })
      expect([part.status, part.headers.get('content-range')]).toEqual([
        206,
        `bytes ${start}-${end - 1}/1000`,
      ])
      expect(part.bytes.equals(bytes.subarray(start, end))).toBe(true)
    }
    for (const range of ['bytes=1000-', 'bytes=5000-6000', 'bytes=-0']) {
      const refused = await get(alice, path, { range })
      expect([refused.status, refused.headers.get('content-range')]).toEqual([416, 'bytes */1000'])
    }
    const many = Array.from({ length: 1000 }, (_, i) => `${i}-${i}`).join(',')
    for (const range of [
      `bytes=${many}`,
      'bytes=9-1',
      'lines=1-2',
      'bytes=a-b',
      'bytes=99999999999999999999-',
    ]) {
      expect((await get(alice, path, { range })).status).toBe(200)
    }
    const stale = await get(alice, path, { range: 'bytes=0-1', 'if-range': '"other"' })
    expect(stale.status).toBe(200)
  })

  test('HEAD says what GET would', async () => {
    const { id } = await file(randomBytes(1234))
    const head = await fetchFile(messages.node, alice, { path: `/v1/attachments/${id}`, method: 'HEAD' })

    expect([head.status, head.bytes.length]).toEqual([200, 0])
    expect(head.headers.get('content-length')).toBe('1234')
  })
})
