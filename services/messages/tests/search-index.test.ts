import { newId } from '@finnigram/contracts'
import { expect, test } from 'vitest'
import { readConfig } from '../src/config.ts'
import { startMessages } from '../src/service.ts'
import { foundTexts, search, untilIndexed } from './fixture/search-calls.ts'
import { type Person, startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'

/** Every text that is found, over all pages. */
async function findAll(person: Person, q: string): Promise<(string | null)[]> {
  const texts: (string | null)[] = []
  let cursor: string | null = null
  do {
    const page = await search(person, { q, limit: '100', ...(cursor === null ? {} : { cursor }) })
    texts.push(...page.items.map(({ message }) => message.text))
    cursor = page.nextCursor
  } while (cursor !== null)
  return texts
}

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => `needle ${from + i}`)

async function say(person: Person, chatId: string, texts: string[]): Promise<void> {
  for (let i = 0; i < texts.length; i += 100) {
    const batch = texts.slice(i, i + 100).map((text) => ({ conversationId: chatId, id: newId(), text }))
    expect((await person.call('POST /v1/messages', { messages: batch })).status).toBe(200)
  }
}

/** What every block must be: one after the other, full but for the last. */
async function expectWhole({ node }: TestMessages, chatId: string, lastSeq: number): Promise<void> {
  const blocks = await node.ctx.prisma.$queryRaw<
    { from: number; to: number; lines: number; isOpen: boolean }[]
  >`
    SELECT from_seq AS "from", to_seq AS "to", grams IS NULL AS "isOpen",
      cardinality(string_to_array(lines, E'\n')) AS lines
    FROM search_blocks WHERE conversation_id = ${chatId}::uuid ORDER BY from_seq`
  let next = 1
  for (const block of blocks) {
    expect(block).toMatchObject({ from: next, lines: block.to - block.from + 1 })
    next = block.to + 1
  }
  expect(next).toBe(lastSeq + 1)
  expect(blocks.slice(0, -1).some(({ isOpen }) => isOpen)).toBe(false)
}

test('messages from before the index, and after it was dropped, are found', async () => {
  await using messages = await startTestMessages()
  const alice = await messages.join('Alice')
  const { id } = await messages.group(alice)
  const { pool } = messages.node.ctx
  await pool.query('ALTER TABLE messages DISABLE TRIGGER USER')
  await say(alice, id, numbers(1, 300))
  await pool.query('ALTER TABLE messages ENABLE TRIGGER USER')
  await untilIndexed(messages.node)
  expect(await findAll(alice, 'needle')).toEqual([])

  await pool.query('TRUNCATE search_blocks')
  await pool.query(
    'INSERT INTO search_queue (is_backfill, conversation_ids) SELECT true, ARRAY[id] FROM conversations',
  )
  await untilIndexed(messages.node)
  expect(await findAll(alice, 'needle')).toEqual(numbers(1, 300).toReversed())
  expect(await foundTexts(alice, { q: '"needle 217"' })).toEqual(['needle 217'])
  await expectWhole(messages, id, 300)
})

test('two nodes make one index between them', async () => {
  await using messages = await startTestMessages({ count: 2 })
  const [alice, bob] = await messages.joinAll(2)
  if (!alice || !bob) throw new Error('Nobody came')
  const chats = await Promise.all([1, 2, 3].map(() => messages.group(alice, [bob])))
  await Promise.all(chats.map(({ id }) => say(alice, id, numbers(1, 200))))
  await untilIndexed(messages.node)

  for (const { id } of chats) await expectWhole(messages, id, 200)
  for (const node of messages.nodes) {
    expect(await foundTexts(bob, { q: '"needle 77"' }, node)).toEqual(Array(3).fill('needle 77'))
  }
})

test('a worker that dies in the middle of its work leaves nothing out and nothing twice', async () => {
  await using messages = await startTestMessages()
  const alice = await messages.join('Alice')
  const { id } = await messages.group(alice)
  const { pool } = messages.node.ctx
  let isOver = false
  const cutting = (async () => {
    while (!isOver) {
      await pool
        .query(
          "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = $1",
          [0x73656172],
        )
        .catch(() => {})
    }
  })()
  for (let i = 0; i < 20; i += 1) await say(alice, id, numbers(i * 20 + 1, i * 20 + 20))
  isOver = true
  await cutting
  await untilIndexed(messages.node)

  expect(await findAll(alice, 'needle')).toEqual(numbers(1, 400).toReversed())
  await expectWhole(messages, id, 400)
})

test('messages sent and edited while no node ran are found by the next', async () => {
  await using messages = await startTestMessages()
  const alice = await messages.join('Alice')
  const { id } = await messages.group(alice)
  await say(alice, id, numbers(1, 100))
  await untilIndexed(messages.node)
  const { pool } = messages.node.ctx
  // In a full block and in the one that grows, both at once with a new message.
  await pool.query(
    "UPDATE messages SET text = 'changed ' || seq WHERE conversation_id = $1 AND seq IN (3, 99)",
    [id],
  )
  await pool.query(
    'UPDATE messages SET text = NULL, deleted_at = now() WHERE conversation_id = $1 AND seq = 50',
    [id],
  )
  await messages.node[Symbol.asyncDispose]()

  await using next = await startMessages(readConfig(messages.env))
  await untilIndexed(next)
  const found = async (q: string) => foundTexts(alice, { q, limit: '100' }, next)
  expect(await found('changed')).toEqual(['changed 99', 'changed 3'])
  expect(await found('needle')).toHaveLength(97)
  expect(await found('"needle 50"')).toEqual([])
  const { rows } = await next.ctx.pool.query<{ lines: string }>('SELECT lines FROM search_blocks')
  const lines = rows.map((row) => row.lines).join()
  for (const gone of [3, 50, 99]) expect(lines).not.toContain(`needle \u0002${gone}\u0003`)
})

test('a block that grew bit by bit is the one that is made at once', async () => {
  await using messages = await startTestMessages()
  const alice = await messages.join('Alice')
  const { id } = await messages.group(alice)
  const { pool } = messages.node.ctx
  for (let i = 0; i < 5; i += 1) {
    await say(
      alice,
      id,
      numbers(i * 9 + 1, i * 9 + 9).map((text) => `the ${text} is running`),
    )
    await untilIndexed(messages.node)
  }
  const blocks = async () => (await pool.query('SELECT * FROM search_blocks')).rows
  const grown = await blocks()
  expect(grown).toMatchObject([{ from_seq: 1, to_seq: 45, grams: null, languages: ['en'] }])

  await pool.query('INSERT INTO search_queue (conversation_ids, seq) VALUES (ARRAY[$1::uuid], 45)', [id])
  await untilIndexed(messages.node)
  expect(await blocks()).toEqual(grown)
})
