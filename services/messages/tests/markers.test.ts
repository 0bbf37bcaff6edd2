import { type Conversation, Fleeting, fleetingChannel, type Marker, type Message } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { unreadCount } from '../src/conversations/member-settings.ts'
import { type Person, startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'

let messages: TestMessages
beforeAll(async () => {
  messages = await startTestMessages({ count: 2 })
})
afterAll(() => messages[Symbol.asyncDispose]())

const chatOf = async (texts: number) => {
  const [alice, bob] = await messages.joinAll(2)
  if (!alice || !bob) throw new Error('Nobody came')
  const chat = await messages.direct(alice, bob)
  for (let i = 0; i < texts; i += 1) await alice.say(chat.id, `#${i}`)
  return { alice, bob, chat }
}
const mark = (person: Person, chat: Conversation, kind: 'read' | 'delivered', seq: number, node = 0) =>
  person.call(`POST /v1/conversations/${chat.id}/${kind}`, { seq }, messages.nodes[node])
const meOf = async (person: Person, chat: Conversation) => (await person.chat(chat.id)).me

test('markers only move forward, and never past the last message', async () => {
  const { bob, chat } = await chatOf(5)
  expect((await mark(bob, chat, 'read', 2)).status).toBe(204)
  expect(await meOf(bob, chat)).toMatchObject({ lastReadSeq: 2, lastDeliveredSeq: 2, unreadCount: 3 })
  await mark(bob, chat, 'read', 1)
  await mark(bob, chat, 'delivered', 0)
  expect(await meOf(bob, chat)).toMatchObject({ lastReadSeq: 2, lastDeliveredSeq: 2 })
  await mark(bob, chat, 'delivered', 4)
  expect(await meOf(bob, chat)).toMatchObject({ lastReadSeq: 2, lastDeliveredSeq: 4, unreadCount: 3 })
  await mark(bob, chat, 'read', 99_999_999_999)
  expect(await meOf(bob, chat)).toMatchObject({ lastReadSeq: 5, lastDeliveredSeq: 5, unreadCount: 0 })
  expect((await mark(bob, chat, 'read', -1)).status).toBe(400)
})

test('participants see the markers of the others', async () => {
  const { alice, bob, chat } = await chatOf(3)
  await mark(bob, chat, 'read', 2)
  const { participants } = await alice.chat(chat.id)
  expect(participants.find(({ userId }) => userId === bob.id)).toMatchObject({
    lastReadSeq: 2,
    lastDeliveredSeq: 2,
  })
})

test('unread counts messages of others after the marker, without deleted ones', async () => {
  const { alice, bob, chat } = await chatOf(4)
  await bob.say(chat.id, 'mine')
  await alice.say(chat.id, 'and one more')
  expect(await meOf(bob, chat)).toMatchObject({ unreadCount: 5, lastReadSeq: 0 })
  expect(await meOf(alice, chat)).toMatchObject({ unreadCount: 1 })

  const { pool } = messages.node.ctx
  await pool.query(
    'UPDATE messages SET deleted_at = now(), text = NULL WHERE conversation_id = $1 AND seq IN (2, 5)',
    [chat.id],
  )
  expect(await meOf(bob, chat)).toMatchObject({ unreadCount: 4 })
  expect(await meOf(alice, chat)).toMatchObject({ unreadCount: 0 })
  await mark(bob, chat, 'read', 3)
  expect(await meOf(bob, chat)).toMatchObject({ unreadCount: 2 })
})

test('joining and leaving count as unread for nobody', async () => {
  const [owner, one, two, reader] = await messages.joinAll(4)
  if (!owner || !one || !two || !reader) throw new Error('Nobody came')
  const group = await messages.group(owner, [reader])
  const path = `/v1/conversations/${group.id}`
  await owner.call(`POST ${path}/participants`, { userIds: [one.id] })
  await owner.call(`POST ${path}/participants`, { userIds: [two.id] })
  await two.call(`DELETE ${path}/participants/${two.id}`)
  await owner.call(`PATCH ${path}`, { title: 'Another title' })
  const unreadOf = async (person: Person) => (await meOf(person, group)).unreadCount
  expect((await reader.chat(group.id)).lastSeq).toBeGreaterThan(3)
  expect(await Promise.all([owner, one, reader].map(unreadOf))).toEqual([0, 0, 0])

  const { id, seq } = await owner.say(group.id, 'hello')
  await reader.call(`DELETE ${path}/participants/${one.id}`)
  await owner.call(`DELETE ${path}/participants/${one.id}`)
  await owner.say(group.id, 'goodbye')
  expect(await Promise.all([owner, reader].map(unreadOf))).toEqual([0, 2])
  await mark(reader, group, 'read', seq + 1)
  expect(await unreadOf(reader)).toBe(1)
  await owner.call(`DELETE /v1/messages/${id}`)
  expect(await unreadOf(reader)).toBe(1)
})

test('the unread count of 100,000 messages reads only partial indexes', async () => {
  const { alice, bob, chat } = await chatOf(1)
  const { pool } = messages.node.ctx
  await pool.query(
    `INSERT INTO messages (id, conversation_id, seq, version, sender_id, kind, text, deleted_at, created_at)
SELECT gen_random_uuid(), $1, n, n, $2, CASE WHEN n % 100 = 0 THEN 'system' ELSE 'text' END::message_kind, 'x',
  CASE WHEN n % 1000 = 1 THEN now() END, now() FROM generate_series(2, 100000) n`,
    [chat.id, alice.id],
  )
  await pool.query('UPDATE conversations SET last_seq = 100000 WHERE id = $1', [chat.id])
  await pool.query('ANALYZE messages')
  expect((await meOf(bob, chat)).unreadCount).toBe(100_000 - 1_000 - 99)
  const explained = await pool.query<{ 'QUERY PLAN': string }>(
    `EXPLAIN (ANALYZE, BUFFERS OFF) SELECT ${unreadCount} FROM participants p JOIN conversations c ON c.id = p.conversation_id
WHERE p.conversation_id = '${chat.id}' AND p.user_id = '${bob.id}'`,
  )
  const plan = explained.rows.map((row) => row['QUERY PLAN']).join('\n')
  expect(plan).toContain('messages_uncounted')
  expect(plan).not.toMatch(/Seq Scan on messages|messages_conversation_id_seq_key/)
})

test('the unread count is exact in any order of sends, markers and nodes', async () => {
  const { alice, bob, chat } = await chatOf(0)
  await Promise.all(
    Array.from({ length: 60 }, async (_, i) => {
      const sender = i % 3 ? alice : bob
      const { seq } = await sender.say(chat.id, `#${i}`)
      if (i % 4 === 0) await mark(bob, chat, 'read', seq - (i % 5), i % 2)
    }),
  )
  const page = await bob.call<{ items: Message[] }>(`GET /v1/conversations/${chat.id}/messages?limit=100`)
  for (const person of [alice, bob]) {
    const me = await meOf(person, chat)
    const unread = page.body.items.filter(
      ({ seq, senderId }) => seq > me.lastReadSeq && senderId !== person.id,
    )
    expect(me.unreadCount).toBe(unread.length)
  }
})

test('a moved marker is published once, with its final position', async () => {
  const { alice, bob, chat } = await chatOf(20)
  const redis = new Redis(messages.redis.url)
  const heard: Marker[] = []
  redis.on('message', (_channel, text: string) => {
    const message = Fleeting.parse(JSON.parse(text))
    if (message.t === 'markers')
      heard.push(...message.data.filter((marker) => marker.conversationId === chat.id))
  })
  await redis.subscribe(fleetingChannel)
  try {
    await Promise.all(Array.from({ length: 20 }, (_, i) => mark(bob, chat, 'read', i + 1)))
    await mark(alice, chat, 'delivered', 7)
    await mark(alice, chat, 'delivered', 3)
    await eventually(() => {
      expect(heard.at(-1)).toEqual({ conversationId: chat.id, userId: alice.id, deliveredSeq: 7 })
    })
    const ofBob = heard.filter(({ userId }) => userId === bob.id)
    expect(ofBob.at(-1)).toEqual({ conversationId: chat.id, userId: bob.id, readSeq: 20, deliveredSeq: 20 })
    expect(ofBob.length).toBeLessThan(20)
  } finally {
    redis.disconnect()
  }
})

test('concurrent markers on two nodes end at the furthest position', async () => {
  const people = await messages.joinAll(12)
  const [owner] = people
  if (!owner) throw new Error('Nobody came')
  const chats = await Promise.all([1, 2, 3].map(() => messages.group(owner, people.slice(1))))
  for (const chat of chats) for (let i = 0; i < 5; i += 1) await owner.say(chat.id, 'x')
  const moves = chats.flatMap((chat) =>
    people.flatMap((person) => [3, 5, 1, 4].map((seq) => ({ chat, person, seq }))),
  )
  await Promise.all(
    moves.map(({ chat, person, seq }, i) => mark(person, chat, i % 3 ? 'read' : 'delivered', seq, i % 2)),
  )
  for (const chat of chats) {
    const { participants } = await owner.chat(chat.id)
    expect(participants.every(({ lastDeliveredSeq }) => lastDeliveredSeq === 5)).toBe(true)
    expect(participants.every(({ lastReadSeq }) => lastReadSeq >= 4)).toBe(true)
  }
})

test('a realtime node moves markers of many people in one call', async () => {
  const { alice, bob, chat } = await chatOf(2)
  const stranger = await messages.join()
  const move = (userId: string, seq: number) => ({ userId, conversationId: chat.id, kind: 'read', seq })
  const { status, body } = await messages.internal('POST /internal/markers', {
    markers: [move(bob.id, 1), move(stranger.id, 1), move(alice.id, 2), move(bob.id, 2)],
  })
  expect(status).toBe(200)
  expect(body).toMatchObject({
    results: [
      { ok: true },
      { ok: false, error: { code: 'not_found', status: 404 } },
      { ok: true },
      { ok: true },
    ],
  })
  expect(await meOf(bob, chat)).toMatchObject({ lastReadSeq: 2 })
})
