import {
  ConversationEvent,
  type Message,
  newId,
  type Problem,
  type SendResult,
  streamNames,
} from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Person, startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'

let messages: TestMessages
let alice: Person
let bob: Person
let chat: string
beforeAll(async () => {
  messages = await startTestMessages()
})
afterAll(() => messages[Symbol.asyncDispose]())

const newChat = async () => {
  alice = await messages.join('Alice')
  bob = await messages.join('Bob')
  chat = (await messages.direct(alice, bob)).id
}
const send = (person: Person, body: unknown, conversationId = chat) =>
  person.call<Message & Problem>(`POST /v1/conversations/${conversationId}/messages`, body)

test('a message is stored as the next of its conversation', async () => {
  await newChat()
  const id = newId()
  const { status, body } = await send(alice, { id, text: 'Cafe\u0301 \u{1F469}\u200D\u{1F680}\r\n"two"' })

  expect(status).toBe(201)
  expect(body).toEqual({
    id,
    conversationId: chat,
    seq: 1,
    version: 2,
    senderId: alice.id,
    kind: 'text',
    text: 'Caf\u00E9 \u{1F469}\u200D\u{1F680}\n"two"',
    attachments: [],
    replyTo: null,
    forwardOf: null,
    mentions: [],
    mentionsAll: false,
    system: null,
    reactions: [],
    editedAt: null,
    deletedAt: null,
    createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
  })
  expect((await bob.call(`GET /v1/messages/${id}`)).body).toEqual(body)
  expect((await bob.chat(chat)).lastMessage).toEqual(body)
})

test('a send that is tried twice stores one message, and answers with it for ever', async () => {
  await newChat()
  const message = { id: newId(), text: 'hi' }
  const first = await send(alice, message)
  await alice.say(chat, 'later')
  const again = await send(alice, { ...message, text: 'something else' })

  expect([first.status, again.status]).toEqual([201, 200])
  expect(again.body).toEqual(first.body)
  expect(await alice.chat(chat)).toMatchObject({ lastSeq: 2, version: 3 })
})

test('an id belongs to one message, of any sender in any conversation', async () => {
  await newChat()
  const other = await messages.group(alice, [bob])
  const message = { id: newId(), text: 'hi' }
  await send(alice, message)
  const taken = { status: 409, body: { code: 'message_id_taken' } }

  expect(await send(bob, message)).toMatchObject(taken)
  expect(await send(alice, message, other.id)).toMatchObject(taken)
  expect(await alice.chat(other.id)).toMatchObject({ lastSeq: 0, version: 1 })
})

test('every mistake of a message is named', async () => {
  await newChat()
  const { status, body } = await send(alice, { id: 'x', text: ' ' })
  expect(status).toBe(400)
  expect(body).toMatchObject({ code: 'validation_failed' })
  expect(body.errors?.map(({ path }) => path).toSorted()).toEqual(['body.id', 'body.text'])
  for (const text of ['x'.repeat(8001), '\u0000', `a${'\u0301'.repeat(40)}`]) {
    expect((await send(alice, { id: newId(), text })).status).toBe(400)
  }
  expect((await send(alice, { id: newId(), text: '\u{1F600}'.repeat(8000) })).status).toBe(201)
})

test('a reply quotes its message', async () => {
  await newChat()
  const question = await bob.say(chat, `How\n are   you? ${'very '.repeat(100)}`)
  const answer = await alice.say(chat, 'Well', { replyToId: question.id })
  const { replyTo } = answer

  expect(replyTo).toMatchObject({ id: question.id, seq: question.seq, senderId: bob.id })
  expect(replyTo?.excerpt).toMatch(/^How are you\? very .*…$/)
  expect(replyTo?.excerpt.length).toBeLessThanOrEqual(140)
  expect((await bob.call(`GET /v1/messages/${answer.id}`)).body).toEqual(answer)
})

test('a reply to a message that is not there, or that the sender cannot read, is refused', async () => {
  await newChat()
  const elsewhere = await messages.group(alice, [bob])
  const carol = await messages.join('Carol')
  const secret = await alice.say(elsewhere.id, 'before Carol')
  await alice.call(`POST /v1/conversations/${elsewhere.id}/participants`, { userIds: [carol.id] })

  const { lastSeq } = await alice.chat(elsewhere.id)
  const refused = { status: 400, body: { errors: [{ path: 'body.replyToId' }] } }
  expect(await send(alice, { id: newId(), text: 'x', replyToId: secret.id })).toMatchObject(refused)
  expect(await send(alice, { id: newId(), text: 'x', replyToId: newId() })).toMatchObject(refused)
  expect(await send(carol, { id: newId(), text: 'x', replyToId: secret.id }, elsewhere.id)).toMatchObject(
    refused,
  )
  expect(await alice.chat(elsewhere.id)).toMatchObject({ lastSeq })
})

test('a queue goes out in one call: each for itself, in order, the bad ones do not spoil the rest', async () => {
  await newChat()
  const group = await messages.group(alice)
  const [first, again, answer] = [newId(), newId(), newId()]
  const { id: taken } = await alice.say(group.id, 'in the group')
  const queue = [
    { conversationId: chat, id: first, text: 'one' },
    { conversationId: chat, id: newId(), text: '' },
    { conversationId: newId(), id: newId(), text: 'to nowhere' },
    'nonsense',
    { conversationId: chat, id: again, text: 'two' },
    { conversationId: chat, id: again, text: 'two, tried again' },
    { conversationId: chat, id: taken, text: 'an id that is taken' },
    { conversationId: chat, id: answer, text: 'three', replyToId: again },
  ]
  const { status, body } = await alice.call<{ items: SendResult[] }>('POST /v1/messages', { messages: queue })

  expect(status).toBe(200)
  expect(body.items.map((item) => item.status)).toEqual([201, 400, 404, 400, 201, 200, 409, 201])
  expect(body.items.map((item) => item.message?.seq)).toEqual([
    1,
    undefined,
    undefined,
    undefined,
    2,
    2,
    undefined,
    3,
  ])
  expect(body.items[7]?.message?.replyTo).toMatchObject({ id: again, seq: 2, excerpt: 'two' })
  expect(body.items[1]?.error).toMatchObject({
    code: 'validation_failed',
    errors: [{ path: 'body.messages.1.text' }],
    requestId: expect.any(String),
  })
  const resent = await alice.call<{ items: SendResult[] }>('POST /v1/messages', { messages: queue })
  expect(resent.body.items.map((item) => item.status)).toEqual([200, 400, 404, 400, 200, 200, 409, 200])
})

test('a message that cannot be stored fails alone', async () => {
  await newChat()
  const { sends } = messages.node.ctx
  const poisoned = (text: string) =>
    sends.send({ senderId: alice.id, conversationId: chat, id: newId(), text, requestId: undefined })
  const outcomes = await Promise.allSettled(['one', 'a\u0000b', 'two', 'three'].map(poisoned))

  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled'])
  expect(outcomes[1]).toMatchObject({ reason: { code: 'validation_failed' } })
  const { body } = await alice.call<{ items: Message[] }>(`GET /v1/conversations/${chat}/messages`)
  expect(body.items.map(({ text, seq }) => [text, seq])).toEqual([
    ['one', 1],
    ['two', 2],
    ['three', 3],
  ])
})

test('each stored message is one event, the same on the stream and in the list of events', async () => {
  await newChat()
  const requestId = `test-${newId()}`
  const body = { id: newId(), text: 'hi' }
  await messages.call(`POST /v1/conversations/${chat}/messages`, {
    token: alice.token,
    body,
    headers: { 'x-request-id': requestId },
  })
  await bob.say(chat, 'hello')
  const asked = await bob.call<{ items: unknown[] }>(`GET /v1/conversations/${chat}/events?after=1`)
  const streamed = await eventually(async () => {
    const entries = (await readStreams()).filter(
      ({ key, type }) => key === chat && type === 'message.created',
    )
    expect(entries).toHaveLength(2)
    return entries
  })

  expect(streamed.map(({ payload }) => payload)).toEqual(asked.body.items)
  expect(streamed[0]?.requestId).toBe(requestId)
})

async function readStreams() {
  const redis = new Redis(messages.redis.url)
  try {
    const streams = await Promise.all(streamNames('messages').map((name) => redis.xrange(name, '-', '+')))
    return streams.flat().map(([, fields]) => {
      const entry = Object.fromEntries(
        fields.flatMap((name, i) => (i % 2 === 0 ? [[name, fields[i + 1] ?? '']] : [])),
      ) as Record<string, string>
      return { ...entry, payload: ConversationEvent.parse(JSON.parse(entry['payload'] ?? '')) }
    }) as { key: string; type: string; requestId?: string; payload: unknown }[]
  } finally {
    redis.disconnect()
  }
}

test('a sender over the rate limit gets a Retry-After', async () => {
  await using limited = await startTestMessages({ env: { RATE_LIMIT_SCALE: '0.02' } })
  const carol = await limited.join('Carol')
  const notes = await limited.direct(carol, carol)
  const path = `POST /v1/conversations/${notes.id}/messages`
  const statuses: number[] = []
  for (let i = 0; i < 3; i += 1) statuses.push((await carol.call(path, { id: newId(), text: 'x' })).status)
  const refused = await carol.call<Problem>(path, { id: newId(), text: 'x' })

  expect(statuses).toEqual([201, 201, 429])
  expect(refused.body.code).toBe('rate_limited')
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
})
