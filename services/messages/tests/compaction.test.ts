import { type Conversation, type ConversationEvent, newId, type SyncReply } from '@finnigram/contracts'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { compactEvents } from '../src/jobs/compaction.ts'
import { type Person, startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'

let messages: TestMessages
let alice: Person
let bob: Person
let chat: Conversation
beforeAll(async () => {
  messages = await startTestMessages({ count: 2 })
})
afterAll(() => messages[Symbol.asyncDispose]())
beforeEach(async () => {
  // Events of earlier tests do not count here.
  await messages.node.ctx.pool.query('DELETE FROM conversation_events')
  alice = await messages.join('Alice')
  bob = await messages.join('Bob')
  chat = await messages.direct(alice, bob)
})

const compact = ({ keep = 5, days = 30, node = 0 } = {}) => {
  const ctx = messages.nodes[node]?.ctx
  if (!ctx) throw new Error('There is no such node')
  return compactEvents({ pool: ctx.pool, config: { EVENTS_KEEP: keep, EVENTS_KEEP_DAYS: days } })
}
const write = async (count: number) => {
  for (let done = 0; done < count; done += 100) {
    const texts = Array.from({ length: Math.min(100, count - done) }, () => 'x')
    const queue = texts.map((text) => ({ conversationId: chat.id, id: newId(), text }))
    await alice.call('POST /v1/messages', { messages: queue })
  }
}
/** Moves events up to a version some days into the past. */
const age = (upTo: number, days = 40) =>
  messages.node.ctx.pool.query(
    `UPDATE conversation_events SET payload = jsonb_set(payload::jsonb, '{at}', to_jsonb(
  to_char((now() - make_interval(days => $3)) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')))::text
WHERE conversation_id = $1 AND version <= $2`,
    [chat.id, upTo, days],
  )
const eventsAfter = (version: number) =>
  alice.call<{ items: ConversationEvent[]; hasMore: boolean }>(
    `GET /v1/conversations/${chat.id}/events?after=${version}&limit=1000`,
  )
const sync = async (version: number) =>
  (await alice.call<SyncReply>('POST /v1/sync', { known: { [chat.id]: version } })).body

test('old events are deleted, except the last ones of each conversation', async () => {
  await write(20)
  await age(21)
  expect(await compact()).toBe(16)
  expect(await eventsAfter(15)).toMatchObject({ status: 410, body: { code: 'gone' } })
  const kept = await eventsAfter(16)
  expect(kept.body.items.map(({ version }) => version)).toEqual([17, 18, 19, 20, 21])
  expect(await compact()).toBe(0)
})

test('young events stay, regardless of their number', async () => {
  await write(20)
  await age(4)
  expect(await compact()).toBe(4)
  expect(await compact({ keep: 1 })).toBe(0)
  expect((await eventsAfter(4)).body.items).toHaveLength(17)
  await age(21, 29)
  expect(await compact({ keep: 1 })).toBe(0)
  expect(await compact({ keep: 1, days: 28 })).toBe(16)
})

test('a device behind the compacted events resets, others continue', async () => {
  await write(20)
  await age(21)
  await compact()
  expect(await sync(15)).toMatchObject({
    reset: [chat.id],
    events: {},
    conversations: [{ id: chat.id, version: 21, lastSeq: 20 }],
  })
  const { events, reset } = await sync(16)
  expect(reset).toEqual([])
  expect(events[chat.id]).toHaveLength(5)
})

test('several pieces are compacted, and two nodes repeat nothing', async () => {
  await write(1200)
  await age(1201)
  const counts = await Promise.all([compact({ node: 0 }), compact({ node: 1 })])
  const rest = await compact()
  expect(counts[0] + counts[1] + rest).toBe(1196)
  expect((await eventsAfter(1196)).body.items).toHaveLength(5)
})

test('during compaction a reader gets all events or gone, never a gap', async () => {
  await write(600)
  await age(601)
  const reads = Array.from({ length: 30 }, async (_, i) => {
    const { status, body } = await eventsAfter(i * 10)
    if (status === 410) return
    expect(status).toBe(200)
    expect(body.items.map(({ version }) => version)).toEqual(body.items.map((_, n) => i * 10 + 1 + n))
    expect(body.items.at(-1)?.version).toBeGreaterThanOrEqual(601)
  })
  await Promise.all([compact(), ...reads, write(5)])
})

test('a conversation that fails to compact delays no other', async () => {
  await write(20)
  await age(20)
  const { id: other } = chat
  const { pool } = messages.node.ctx
  chat = await messages.group(alice, [bob])
  await write(20)
  await age(20)
  const poison = [other, chat.id].toSorted()[0] ?? ''
  await pool.query(`CREATE FUNCTION refuse_poison() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.conversation_id = '${poison}' THEN RAISE EXCEPTION 'canceling statement' USING ERRCODE = '57014'; END IF;
  RETURN OLD;
END $$`)
  await pool.query(
    'CREATE TRIGGER poison BEFORE DELETE ON conversation_events FOR EACH ROW EXECUTE FUNCTION refuse_poison()',
  )
  const passedOver: string[] = []
  const config = { EVENTS_KEEP: 5, EVENTS_KEEP_DAYS: 30 }
  const gone = await compactEvents({ pool, config }, undefined, (id) => passedOver.push(id))
  await pool.query('DROP TRIGGER poison ON conversation_events')
  expect(passedOver).toEqual([poison])
  expect(gone).toBeGreaterThan(0)
})
