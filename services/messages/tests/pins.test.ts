import { type ConversationEvent, type Message, newId, type Problem } from '@finnigram/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Person, startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'

let messages: TestMessages
let alice: Person
let bob: Person
let group: string
beforeAll(async () => {
  messages = await startTestMessages()
  alice = await messages.join('Alice')
  bob = await messages.join('Bob')
})
afterAll(() => messages[Symbol.asyncDispose]())

const newGroup = async () => {
  group = (await messages.group(alice, [bob])).id
}
type Pinned = Message & { pinnedBy: string; pinnedAt: string }
const pin = (person: Person, { id }: { id: string }) => person.call<Problem>(`PUT /v1/messages/${id}/pin`)
const unpin = (person: Person, { id }: { id: string }) =>
  person.call<Problem>(`DELETE /v1/messages/${id}/pin`)
const list = (person: Person, query = '') =>
  person.call<{ items: Pinned[]; nextCursor: string | null } & Problem>(
    `GET /v1/conversations/${group}/pins${query}`,
  )
const eventsAfter = async (version: number) =>
  (await alice.call<{ items: ConversationEvent[] }>(`GET /v1/conversations/${group}/events?after=${version}`))
    .body.items

test('pins require sign-in', async () => {
  const id = newId()
  for (const request of [
    `PUT /v1/messages/${id}/pin`,
    `DELETE /v1/messages/${id}/pin`,
    `GET /v1/conversations/${id}/pins`,
  ]) {
    expect(await messages.call(request)).toMatchObject({ status: 401, body: { code: 'unauthenticated' } })
  }
})

test('any participant pins, with an event and a system message', async () => {
  await newGroup()
  const message = await alice.say(group, 'rules')
  const { version } = await alice.chat(group)
  expect((await pin(bob, message)).status).toBe(204)
  expect((await pin(alice, message)).status).toBe(204)

  const reference = { messageId: message.id, seq: message.seq }
  const [pinned, notice, ...others] = await eventsAfter(version)
  expect(pinned).toMatchObject({ type: 'message.pinned', actorId: bob.id, data: reference })
  expect(notice).toMatchObject({
    type: 'message.created',
    data: {
      message: {
        seq: message.seq + 1,
        senderId: bob.id,
        kind: 'system',
        text: null,
        system: { type: 'message.pinned', ...reference },
      },
    },
  })
  expect(others).toEqual([])
  const { body } = await list(alice)
  expect(body).toEqual({
    items: [{ ...message, pinnedBy: bob.id, pinnedAt: pinned?.at }],
    nextCursor: null,
  })
})

test('unpinning emits one event and no system message', async () => {
  await newGroup()
  const message = await alice.say(group, 'rules')
  await pin(bob, message)
  const { version, lastSeq } = await alice.chat(group)
  expect((await unpin(alice, message)).status).toBe(204)
  expect((await unpin(alice, message)).status).toBe(204)
  expect(await eventsAfter(version)).toMatchObject([
    { type: 'message.unpinned', data: { messageId: message.id, seq: message.seq } },
  ])
  expect((await alice.chat(group)).lastSeq).toBe(lastSeq)
  expect((await list(bob)).body.items).toEqual([])
})

test('pins are listed in pages, newest first', async () => {
  await newGroup()
  const said: Message[] = []
  for (let i = 0; i < 7; i += 1) said.push(await alice.say(group, String(i)))
  for (const message of said) await pin(alice, message)
  const pages: string[][] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const { body }: Awaited<ReturnType<typeof list>> = await list(
      bob,
      `?limit=3${cursor === '' ? '' : `&cursor=${cursor}`}`,
    )
    pages.push(body.items.map(({ text }) => text ?? ''))
    cursor = body.nextCursor
  }
  expect(pages).toEqual([['6', '5', '4'], ['3', '2', '1'], ['0']])
  expect((await list(bob, '?cursor=nonsense')).body.errors?.[0]?.path).toBe('query.cursor')
})

test('a conversation has at most a hundred pins', async () => {
  await newGroup()
  const queue = Array.from({ length: 101 }, (_, i) => ({
    id: newId(),
    conversationId: group,
    text: String(i),
  }))
  await alice.call('POST /v1/messages', { messages: queue.slice(0, 100) })
  await alice.call('POST /v1/messages', { messages: queue.slice(100) })
  const [last, ...others] = queue.toReversed()
  for (const message of others) expect((await pin(alice, message)).status).toBe(204)
  const { version, lastSeq } = await alice.chat(group)
  expect(await pin(alice, last ?? { id: '' })).toMatchObject({ status: 409, body: { code: 'conflict' } })
  expect(await alice.chat(group)).toMatchObject({ version, lastSeq })
  await unpin(alice, others[0] ?? { id: '' })
  expect((await pin(alice, last ?? { id: '' })).status).toBe(204)
})

test('deleted, system and unreadable messages cannot be pinned', async () => {
  await newGroup()
  const early = await alice.say(group, 'early')
  await pin(alice, early)
  const carol = await messages.join('Carol')
  await alice.call(`POST /v1/conversations/${group}/participants`, { userIds: [carol.id] })
  expect((await list(carol)).body.items).toEqual([])
  for (const one of [early, { id: newId() }]) {
    expect(await pin(carol, one)).toMatchObject({ status: 404, body: { code: 'not_found' } })
    expect((await unpin(carol, one)).status).toBe(404)
  }
  const stranger = await messages.join('Eve')
  expect((await list(stranger)).status).toBe(404)

  const notice = (await alice.chat(group)).lastMessage
  expect(notice?.kind).toBe('system')
  const deleted = await alice.say(group, 'oops')
  await pin(alice, deleted)
  await alice.call(`DELETE /v1/messages/${deleted.id}`)
  for (const one of [deleted, notice ?? { id: '' }]) {
    expect(await pin(alice, one)).toMatchObject({ status: 409, body: { code: 'conflict' } })
  }
  expect((await list(alice)).body.items.map(({ id }) => id)).toEqual([early.id])
})
