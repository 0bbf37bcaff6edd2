import { type Conversation, newId, type SyncReply } from '@finnigram/contracts'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Person, startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'

let messages: TestMessages
let alice: Person
let bob: Person
let group: Conversation
beforeAll(async () => {
  messages = await startTestMessages()
})
afterAll(() => messages[Symbol.asyncDispose]())
beforeEach(async () => {
  alice = await messages.join('Alice')
  bob = await messages.join('Bob')
  group = await messages.group(alice, [bob])
})

const sync = async (person: Person, known: Record<string, number>, since?: string) => {
  const reply = await person.call<SyncReply>('POST /v1/sync', { known, since })
  expect(reply.status).toBe(200)
  return reply.body
}
const kick = (whom: Person, chat = group) =>
  alice.call(`DELETE /v1/conversations/${chat.id}/participants/${whom.id}`)
const invite = (whom: Person, chat = group) =>
  alice.call(`POST /v1/conversations/${chat.id}/participants`, { userIds: [whom.id] })
const nothing = {
  conversations: [],
  events: {},
  reset: [],
  removed: [],
  markers: [],
  me: [],
  invited: [],
  users: [],
  more: false,
}
const versions = ({ events }: SyncReply, id = group.id) => events[id]?.map(({ version }) => version)

test('a device without any state gets every conversation whole', async () => {
  const chat = await messages.direct(alice, bob)
  await alice.say(chat.id, 'hi')
  const reply = await sync(bob, {})
  expect(reply).toEqual({
    ...nothing,
    conversations: [await bob.chat(chat.id), await bob.chat(group.id)],
    cursor: expect.any(String),
  })
})

test('a device that is up to date gets nothing', async () => {
  const reply = await sync(bob, { [group.id]: 1 })
  expect(reply).toEqual({ ...nothing, cursor: expect.any(String) })
})

test('a device that was offline gets the events since, and the conversation as it is now', async () => {
  await alice.say(group.id, 'one')
  await alice.call(`PATCH /v1/conversations/${group.id}`, { title: 'New' })
  await alice.say(group.id, 'two')
  const reply = await sync(bob, { [group.id]: 2 })

  const { body } = await bob.call<{ items: unknown[] }>(`GET /v1/conversations/${group.id}/events?after=2`)
  expect(reply.events).toEqual({ [group.id]: body.items })
  expect(versions(reply)).toEqual([3, 4, 5])
  expect(reply.conversations).toEqual([await bob.chat(group.id)])
})

test('a thousand events fit into one call; of more, the rest follows', async () => {
  const others = await Promise.all([1, 2, 3].map(() => messages.group(alice, [bob])))
  const conversations = [group, ...others]
  for (const { id } of conversations) {
    const queue = Array.from({ length: 260 }, () => ({ conversationId: id, id: newId(), text: 'x' }))
    for (let start = 0; start < queue.length; start += 100) {
      await alice.call('POST /v1/messages', { messages: queue.slice(start, start + 100) })
    }
  }
  const known: Record<string, number> = Object.fromEntries(conversations.map(({ id }) => [id, 1]))
  const first = await sync(bob, known)
  expect(Object.values(first.events).flat()).toHaveLength(1000)
  expect(first.more).toBe(true)
  expect(first.conversations).toHaveLength(3)
  for (const [id, events] of Object.entries(first.events)) known[id] = events.at(-1)?.version ?? 0

  const second = await sync(bob, known)
  expect(Object.values(second.events).flat()).toHaveLength(40)
  expect(second.more).toBe(false)
  expect(second.conversations).toHaveLength(1)
})

test('a removed member gets the removal and nothing else', async () => {
  await alice.say(group.id, 'before')
  await kick(bob)
  await alice.say(group.id, 'after')
  expect(await sync(bob, { [group.id]: 1 })).toMatchObject({ ...nothing, removed: [group.id] })
  expect(await sync(bob, { [group.id]: 3 })).toMatchObject({ ...nothing, removed: [group.id] })
  expect(await sync(bob, {})).toMatchObject(nothing)
})

test('conversations that are not one’s own, or nowhere, are gone alike', async () => {
  const foreign = await messages.group(alice)
  const missing = newId()
  const reply = await sync(bob, { [foreign.id]: 1, [missing]: 3, [group.id]: 1 })
  expect(reply).toMatchObject({ ...nothing, removed: [foreign.id, missing] })
})

test('a member who joined later gets the conversation, and events from then on only', async () => {
  const carol = await messages.join('Carol')
  await alice.say(group.id, 'before')
  await invite(carol)
  const fresh = await sync(carol, {})
  expect(fresh).toMatchObject({ events: {}, conversations: [{ version: 4, lastMessage: null }] })
  await alice.say(group.id, 'after')
  expect(versions(await sync(carol, { [group.id]: 4 }))).toEqual([5])
  expect(versions(await sync(carol, { [group.id]: 3 }))).toEqual([4, 5])
})

test('a device offline during a removal and a new join gets the conversation afresh', async () => {
  await kick(bob)
  await alice.say(group.id, 'not for Bob')
  await invite(bob)
  const reply = await sync(bob, { [group.id]: 1 })
  expect(reply).toMatchObject({ reset: [group.id], events: {}, removed: [] })
  expect(reply.conversations).toEqual([await bob.chat(group.id)])
})

test('compacted and unknown versions reset the conversation', async () => {
  await alice.say(group.id, 'one')
  await alice.say(group.id, 'two')
  const { pool } = messages.node.ctx
  await pool.query('UPDATE conversations SET compacted_version = 2 WHERE id = $1', [group.id])
  await pool.query('DELETE FROM conversation_events WHERE conversation_id = $1 AND version <= 2', [group.id])

  for (const version of [1, 99]) {
    const reply = await sync(bob, { [group.id]: version })
    expect(reply).toMatchObject({
      reset: [group.id],
      events: {},
      conversations: [{ id: group.id, version: 3 }],
    })
  }
  expect(versions(await sync(bob, { [group.id]: 2 }))).toEqual([3])
})

test('changed markers and settings come with a cursor', async () => {
  await alice.say(group.id, 'hi')
  const { cursor } = await sync(alice, {})
  await age()
  await bob.call(`POST /v1/conversations/${group.id}/read`, { seq: 1 })

  const known = { [group.id]: 2 }
  expect(await sync(alice, known, cursor)).toMatchObject({
    markers: [{ conversationId: group.id, userId: bob.id, readSeq: 1, deliveredSeq: 1 }],
    me: [],
  })
  expect(await sync(bob, known, cursor)).toMatchObject({
    me: [{ conversationId: group.id, me: { lastReadSeq: 1, unreadCount: 0 } }],
  })
  expect(await sync(alice, known)).toMatchObject(nothing)
})

/** As if what was marked so far had been marked long ago. */
const age = () =>
  messages.node.ctx.pool.query(`UPDATE participants SET marker_at = marker_at - interval '1 hour'`)

test('of a range only its conversations are answered, and nothing outside is new or removed', async () => {
  const others = await Promise.all([1, 2, 3, 4].map(() => messages.group(alice, [bob])))
  const [a, b, c, d, e] = [group, ...others].map(({ id }) => id).toSorted() as [
    string,
    string,
    string,
    string,
    string,
  ]
  const gone = newId()
  const inRange = async (range: object, known: Record<string, number>) => {
    const { status, body } = await bob.call<SyncReply>('POST /v1/sync', { known, range })
    expect(status).toBe(200)
    return { new: body.conversations.map(({ id }) => id).toSorted(), removed: body.removed, more: body.more }
  }
  const all = { [a]: 1, [gone]: 1 }
  expect(await inRange({ after: a, until: c }, all)).toEqual({ new: [b, c], removed: [], more: false })
  expect(await inRange({ after: c }, all)).toEqual({ new: [d, e], removed: [gone], more: false })
  expect(await inRange({ until: b.toUpperCase() }, {})).toEqual({ new: [a, b], removed: [], more: false })
  expect(await inRange({ after: null, until: null }, {})).toEqual({
    new: [a, b, c, d, e],
    removed: [],
    more: false,
  })
  expect(await inRange({ after: e, until: a }, all)).toEqual({ new: [], removed: [], more: false })
  expect((await bob.call('POST /v1/sync', { known: {}, range: { after: 'x' } })).status).toBe(400)
})

test('somebody in more than five thousand groups syncs in one call while its body fits', async () => {
  const carol = await messages.join('Carol')
  const ids = await drawInto(carol, 5500)
  const known = Object.fromEntries(ids.map((id) => [id, 1]))
  expect(await sync(carol, known)).toMatchObject(nothing)
  const { [String(ids[0])]: _, ...rest } = known
  expect((await sync(carol, rest)).conversations.map(({ id }) => id)).toEqual([ids[0]])

  const page = await carol.call<SyncReply>('POST /v1/sync', { known: {}, range: { until: ids[1499] } })
  expect(page.body).toMatchObject({ more: true, removed: [] })
  expect(page.body.conversations).toHaveLength(1000)
})

/** Puts somebody into that many groups of their own, as no caller may. */
async function drawInto(person: Person, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, () => newId())
  const { pool } = messages.node.ctx
  await pool.query(
    `INSERT INTO conversations (id, kind, title, created_by, version, participant_count)
SELECT id, 'group', 'Group', $2, 1, 1 FROM unnest($1::uuid[]) AS made (id)`,
    [ids, person.id],
  )
  await pool.query(
    `INSERT INTO participants (conversation_id, user_id, role, joined_seq, joined_version)
SELECT id, $2, 'member', 0, 1 FROM unnest($1::uuid[]) AS made (id)`,
    [ids, person.id],
  )
  return ids
}

test('a foreign cursor, an impossible version and a foreign id are mistakes', async () => {
  const post = (body: unknown) => alice.call('POST /v1/sync', body)
  expect(await post({ known: {}, since: 'x' })).toMatchObject({
    status: 400,
    body: { errors: [{ path: 'body.since' }] },
  })
  expect((await post({ known: { [group.id]: -1 } })).status).toBe(400)
  expect((await post({ known: { x: 1 } })).status).toBe(400)
  expect((await post({})).status).toBe(400)
})
