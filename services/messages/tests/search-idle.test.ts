import { newId } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { unfoldedJob } from '../src/search/search-queue.ts'
import { foundTexts, search, untilIndexed } from './fixture/search-calls.ts'
import { type Person, startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'

let messages: TestMessages
let alice: Person
beforeAll(async () => {
  messages = await startTestMessages()
  alice = await messages.join('Alice')
})
afterAll(() => messages[Symbol.asyncDispose]())

const blocksOf = async (chatId: string) => {
  const { rows } = await messages.node.ctx.pool.query<{ to: number; isQuiet: boolean; isOpen: boolean }>(
    `SELECT to_seq AS "to", is_quiet AS "isQuiet", grams IS NULL AS "isOpen" FROM search_blocks
WHERE conversation_id = $1 ORDER BY from_seq`,
    [chatId],
  )
  return rows
}

/** As if everything in it had been said a quarter of an hour ago. */
async function age(chatId: string): Promise<void> {
  await untilIndexed(messages.node)
  await messages.node.ctx.pool.query(
    `UPDATE search_blocks SET newest_at = newest_at - interval '15 minutes' WHERE conversation_id = $1`,
    [chatId],
  )
  await eventually(async () =>
    expect(await blocksOf(chatId)).toMatchObject([{ isQuiet: true, isOpen: false }]),
  )
}

test('a message after an idle time is appended to the sealed block', async () => {
  const { id } = await messages.group(alice)
  for (const text of ['a heron', 'two herons']) await alice.say(id, text)
  await age(id)
  expect(await foundTexts(alice, { q: 'heron', conversationId: id })).toEqual(['two herons', 'a heron'])
  await alice.say(id, 'three herons')
  await untilIndexed(messages.node)
  expect(await blocksOf(id)).toMatchObject([{ to: 3, isQuiet: false, isOpen: true }])
  const all = ['three herons', 'two herons', 'a heron']
  expect(await foundTexts(alice, { q: 'heron', conversationId: id })).toEqual(all)
})

test('an edit in an idle conversation is found', async () => {
  const { id } = await messages.group(alice)
  const first = await alice.say(id, 'a kestrel')
  const second = await alice.say(id, 'a falcon')
  await age(id)
  expect((await alice.call(`PATCH /v1/messages/${first.id}`, { text: 'a buzzard' })).status).toBe(200)
  expect((await alice.call(`DELETE /v1/messages/${second.id}`)).status).toBeLessThan(300)
  await untilIndexed(messages.node)
  expect(await foundTexts(alice, { q: 'buzzard' })).toEqual(['a buzzard'])
  for (const q of ['kestrel', 'falcon']) expect(await foundTexts(alice, { q })).toEqual([])
  await age(id)
  expect(await foundTexts(alice, { q: 'buzzard' })).toEqual(['a buzzard'])
})

test('somebody in very many conversations finds everything once, newest first, page by page', async () => {
  const reader = await messages.join('Reader')
  const chats = 150
  const { pool } = messages.node.ctx
  const ids = Array.from({ length: chats }, newId)
  const start = Date.now() - 24 * 3600 * 1000
  // Each conversation speaks twice, far apart, and in another order the second time: blocks overlap
  // in time.
  const said = ids.flatMap((id, i) => [
    { id, seq: 1, at: new Date(start + i * 60_000), text: `pelican ${i} early` },
    { id, seq: 2, at: new Date(start + (chats + ((i * 7) % chats)) * 60_000), text: `pelican ${i} late` },
  ])
  await pool.query(
    `INSERT INTO conversations (id, kind, title, created_by, participant_count, version, last_seq, last_activity_at)
SELECT id, 'group', 'Group', $2, 1, 3, 2, at FROM unnest($1::uuid[], $3::timestamptz[]) AS g (id, at)`,
    [ids, reader.id, ids.map((id) => said.findLast((one) => one.id === id)?.at)],
  )
  await pool.query(
    `INSERT INTO participants (conversation_id, user_id, role, joined_seq, joined_version)
SELECT id, $2, 'member', 0, 1 FROM unnest($1::uuid[]) AS g (id)`,
    [ids, reader.id],
  )
  await pool.query(
    `INSERT INTO messages (id, conversation_id, seq, version, sender_id, text, created_at, text_versions)
SELECT gen_random_uuid(), id, seq, seq + 1, $5, text, at, ARRAY[seq + 1]
FROM unnest($1::uuid[], $2::int[], $3::text[], $4::timestamptz[]) AS m (id, seq, text, at)`,
    [
      said.map(({ id }) => id),
      said.map(({ seq }) => seq),
      said.map(({ text }) => text),
      said.map(({ at }) => at),
      reader.id,
    ],
  )
  await untilIndexed(messages.node)
  const expected = said.toSorted((a, b) => b.at.getTime() - a.at.getTime()).map(({ text }) => text)

  for (const q of ['pelican', 'pelican early', 'pelican 117']) {
    const found: (string | null)[] = []
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await search(reader, { q, limit: '40', ...(cursor ? { cursor } : {}) })
      found.push(...page.items.map(({ message }) => message.text))
      cursor = page.nextCursor
    }
    expect(found).toEqual(expected.filter((text) => q.split(' ').every((word) => text.includes(word))))
  }
})

test('blocks that an earlier version wrote are looked for an hour after it was replaced, and made anew', async () => {
  const { pool } = messages.node.ctx
  const full = await messages.group(alice)
  const [quiet, growing] = [await messages.group(alice), await messages.group(alice)]
  for (const text of ['سلام کریم', ...Array.from({ length: 64 }, (_, i) => `${i}`)])
    await alice.say(full.id, text)
  await alice.say(quiet.id, 'سلام کریم')
  await age(quiet.id)
  await alice.say(growing.id, 'سلام کریم')
  await untilIndexed(messages.node)
  const ids = [full.id, quiet.id, growing.id]
  await pool.query(
    `UPDATE search_blocks SET lines = replace(lines, 'كريم', 'کریم') WHERE conversation_id = ANY($1::uuid[])`,
    [ids],
  )
  const found = (q: string) =>
    Promise.all(ids.map((conversationId) => foundTexts(alice, { q, conversationId })))
  expect(await found('كريم')).not.toEqual([['سلام کریم'], ['سلام کریم'], ['سلام کریم']])

  const { rowCount } = await pool.query(
    `UPDATE jobs SET due_at = now() WHERE kind = $1 AND due_at > now() + interval '50 minutes'`,
    [unfoldedJob],
  )
  expect(rowCount).toBe(1)
  await eventually(async () =>
    expect((await pool.query('SELECT FROM jobs WHERE kind = $1', [unfoldedJob])).rowCount).toBe(0),
  )
  await untilIndexed(messages.node)
  expect(await found('كريم')).toEqual([['سلام کریم'], ['سلام کریم'], ['سلام کریم']])
})
