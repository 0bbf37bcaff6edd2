import { eventually, expectLog } from '@finnigram/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fillConversation } from './fixture/fill-conversation.ts'
import { foundTexts, untilIndexed } from './fixture/search-calls.ts'
import { type Person, startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'

let messages: TestMessages
let alice: Person
beforeAll(async () => {
  messages = await startTestMessages()
  alice = await messages.join('Alice')
  // What PostgreSQL says when a statement took too long.
  await messages.node.ctx.pool.query(`CREATE FUNCTION refuse_poison() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF strpos(NEW.lines, 'poison') > 0 THEN RAISE EXCEPTION 'canceling statement' USING ERRCODE = '57014'; END IF;
  RETURN NEW;
END $$`)
})
afterAll(() => messages[Symbol.asyncDispose]())

const poison = (on: boolean) =>
  messages.node.ctx.pool.query(
    on
      ? 'CREATE TRIGGER poison BEFORE INSERT OR UPDATE ON search_blocks FOR EACH ROW EXECUTE FUNCTION refuse_poison()'
      : 'DROP TRIGGER poison ON search_blocks',
  )
interface Listed {
  counts: Record<string, number>
  items: { kind: string; id: string; what: string; reason: string }[]
}
const listParked = async () => (await messages.internal<Listed>('GET /internal/parked', undefined)).body
const say = (chatId: string, texts: string[]) =>
  fillConversation(messages.node, { person: alice, chatId, texts })

test('messages that cannot be indexed are parked, those around them are found, and a retry finds them, too', async () => {
  expectLog(/could not be indexed/)
  const [one, other] = await Promise.all([messages.group(alice), messages.group(alice)])
  await poison(true)
  await say(one.id, ['needle before', 'needle poison', 'needle after'])
  await say(other.id, ['needle elsewhere'])
  await untilIndexed(messages.node)
  await say(one.id, ['needle later'])
  await untilIndexed(messages.node)

  expect((await foundTexts(alice, { q: 'needle' })).toSorted()).toEqual(
    ['needle after', 'needle before', 'needle elsewhere', 'needle later'].toSorted(),
  )
  const { items, counts } = await listParked()
  expect(counts['search']).toBe(1)
  const [parked] = items.filter(({ kind }) => kind === 'search')
  expect(parked).toMatchObject({ what: `messages 2 to 2 of conversation ${one.id}` })
  expect(parked?.reason).toContain('canceling statement')
  expect(await messages.node.ctx.metrics.registry.metrics()).toMatch(/parked_total\{.*kind="search".*\} 1/)

  await poison(false)
  const retry = await messages.internal('POST /internal/parked/retry', { kind: 'search', id: parked?.id })
  expect(retry.body).toEqual({ isDone: true, reason: null })
  await untilIndexed(messages.node)
  expect(await foundTexts(alice, { q: 'needle', conversationId: one.id })).toEqual(
    expect.arrayContaining(['needle poison']),
  )
  expect((await listParked()).counts['search']).toBe(0)
  expect((await messages.internal('POST /internal/parked/retry', { kind: 'search', id: 'x' })).status).toBe(
    404,
  )
})

test('an edit that cannot be indexed leaves no old words behind', async () => {
  expectLog(/could not be indexed/)
  const { id } = await messages.group(alice)
  await say(
    id,
    Array.from({ length: 70 }, (_, i) => `haystack ${i}`),
  )
  await untilIndexed(messages.node)
  await poison(true)
  await messages.node.ctx.pool.query(
    "UPDATE messages SET text = 'poison' WHERE conversation_id = $1 AND seq = 3",
    [id],
  )
  await untilIndexed(messages.node)
  await poison(false)
  const { rows } = await messages.node.ctx.pool.query<{ lines: string }>(
    'SELECT lines FROM search_blocks WHERE conversation_id = $1',
    [id],
  )
  expect(rows.map(({ lines }) => lines).join()).not.toContain('haystack \u00022\u0003')
  expect(await foundTexts(alice, { q: '"haystack 68"' })).toEqual(['haystack 68'])
  const { items } = await listParked()
  await messages.internal('POST /internal/parked/drop', { kind: 'search', id: items[0]?.id })
  expect((await listParked()).counts['search']).toBe(0)
})

test('messages that end their process again and again are parked', async () => {
  expectLog(/could not be indexed/)
  const { id } = await messages.group(alice)
  // As rounds leave it that were begun and whose process ended.
  await messages.node.ctx.pool.query('UPDATE search_rounds SET failures = 6, reason = NULL')
  await say(id, ['marble first', 'marble second'])
  await untilIndexed(messages.node)
  expect(await foundTexts(alice, { q: 'marble' })).toEqual(['marble second'])
  const { items } = await listParked()
  expect(items).toMatchObject([{ reason: 'The process ended while at it' }])
})

test('a storm of edits in one block makes it once a round', async () => {
  const { id } = await messages.group(alice)
  const { pool, metrics } = messages.node.ctx
  await say(
    id,
    Array.from({ length: 64 }, (_, i) => `storm ${i}`),
  )
  await untilIndexed(messages.node)
  for (let round = 0; round < 20; round += 1)
    await pool.query(
      "UPDATE messages SET text = 'storm ' || seq || ' ' || $2::int WHERE conversation_id = $1",
      [id, round],
    )
  await eventually(async () => expect((await foundTexts(alice, { q: 'storm 19' })).length).toBeGreaterThan(0))
  await untilIndexed(messages.node)
  expect(await foundTexts(alice, { q: '"storm 64 19"' })).toEqual(['storm 64 19'])
  expect(await metrics.registry.metrics()).toContain('search_index_lag_seconds')
})
