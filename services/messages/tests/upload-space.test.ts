import { randomBytes } from 'node:crypto'
import { eventually } from '@finnigram/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type FileStorage, openFileStorage } from './fixture/open-file-storage.ts'
import { type Person, startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'
import { attach, beginUpload, sendChunk, tus } from './fixture/upload.ts'

describe.each(['disk', 's3'] as const)('space for uploads on %s', (kind) => {
  let place: FileStorage
  let messages: TestMessages
  let alice: Person
  let bob: Person

  beforeAll(async () => {
    place = await openFileStorage(kind)
    const env = { ...place.env, UPLOAD_QUOTA_BYTES: '10000000' }
    messages = await startTestMessages({ count: 2, env })
    alice = await messages.join('Alice')
    bob = await messages.join('Bob')
  })
  afterAll(async () => {
    await messages[Symbol.asyncDispose]()
    await place[Symbol.asyncDispose]()
  })

  test('an upload can be given up, and a finished one as long as nobody was sent it', async () => {
    const token = alice.token
    const begun = await beginUpload(messages.node, alice, { length: 2_000_000 })
    const location = begun.headers.get('location') ?? ''
    await sendChunk(messages.node, alice, { location, offset: 0, bytes: randomBytes(5000) })
    expect((await tus(messages.node, `DELETE ${location}`, { token })).status).toBe(204)
    expect((await tus(messages.node, `HEAD ${location}`, { token })).status).toBe(404)
    expect((await place.list()).filter((path) => path.startsWith('uploads/'))).toEqual([])

    const { id } = await attach(messages.node, alice, { bytes: randomBytes(6000) })
    expect((await tus(messages.node, `DELETE /v1/uploads/${id}`, { token })).status).toBe(204)
    expect((await alice.call(`GET /v1/attachments/${id}/info`)).status).toBe(404)

    const sent = await attach(messages.node, alice, { bytes: randomBytes(6000) })
    const chat = await messages.group(alice)
    await alice.say(chat.id, 'look', { attachmentIds: [sent.id] })
    const kept = await tus<{ code: string }>(messages.node, `DELETE /v1/uploads/${sent.id}`, { token })
    expect([kept.status, kept.body.code]).toEqual([409, 'conflict'])
  })

  test('more than one person may keep is refused, however many uploads begin at once', async () => {
    const carol = await messages.join('Carol')
    await attach(messages.node, carol, { bytes: randomBytes(3_000_000) })
    const begun = await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        beginUpload(messages.nodes[i % 2] ?? messages.node, carol, { length: 2_000_000 }),
      ),
    )

    const statuses = begun.map(({ status }) => status)
    expect(statuses.filter((status) => status === 201)).toHaveLength(3)
    expect(begun.find(({ status }) => status !== 201)?.body.code).toBe('quota_exceeded')
    const location = begun.find(({ status }) => status === 201)?.headers.get('location')
    await tus(messages.node, `DELETE ${location}`, { token: carol.token })
    expect((await beginUpload(messages.node, carol, { length: 2_000_000 })).status).toBe(201)
    expect((await beginUpload(messages.node, carol, { length: 2_000_000 })).status).toBe(413)
  })

  test('the same bytes of one person are stored once, and again for another', async () => {
    const bytes = randomBytes(50_000)
    const blobs = async () => (await place.list()).filter((path) => path.startsWith('blobs/')).length
    const before = await blobs()
    const [one, two] = await Promise.all(
      messages.nodes.map((node) => attach(node, alice, { bytes, name: 'one.bin' })),
    )
    const three = await attach(messages.node, alice, { bytes, name: 'three.bin' })
    expect(new Set([one?.id, two?.id, three.id]).size).toBe(3)
    await eventually(async () => expect(await blobs()).toBe(before + 1))
    await attach(messages.node, bob, { bytes })
    expect(await blobs()).toBe(before + 2)
  })
})
