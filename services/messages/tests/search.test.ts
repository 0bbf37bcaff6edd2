import { type Message, newId, type Problem } from '@finnigram/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { foundTexts, search, untilIndexed } from './fixture/search-calls.ts'
import { type Person, startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'

let messages: TestMessages
let alice: Person
let bob: Person
beforeAll(async () => {
  messages = await startTestMessages()
  alice = await messages.join('Alice')
  bob = await messages.join('Bob')
})
afterAll(() => messages[Symbol.asyncDispose]())

const indexed = () => untilIndexed(messages.node)

/** What is said in a new group is all there is in it. */
async function groupWith(...said: string[]): Promise<string> {
  const { id } = await messages.group(alice, [bob])
  for (const text of said) await alice.say(id, text)
  await indexed()
  return id
}

test('searching requires sign-in', async () => {
  const reply = await messages.call<Problem>('GET /v1/search/messages?q=x')
  expect(reply).toMatchObject({ status: 401, body: { code: 'unauthenticated' } })
})

test('an invalid query is refused at once', async () => {
  const path = `GET /v1/search/messages?q=&conversationId=1&from=2&before=x&after=y&has=z&limit=0`
  const { status, body } = await alice.call<Problem>(path)
  expect(status).toBe(400)
  expect(body.errors?.map((error) => error.path).toSorted()).toEqual(
    ['after', 'before', 'conversationId', 'from', 'has', 'limit', 'q'].map((name) => `query.${name}`),
  )
  for (const cursor of ['x', 'W10', Buffer.from('[1,"x",2]').toString('base64url')]) {
    const reply = await alice.call<Problem>(`GET /v1/search/messages?q=x&cursor=${cursor}`)
    expect(reply).toMatchObject({ status: 400, body: { errors: [{ path: 'query.cursor' }] } })
  }
})

test('a result is the message as its conversation shows it', async () => {
  const conversationId = await groupWith('one of a kind')
  const { items } = await search(bob, { q: 'kind', conversationId })
  const { body } = await bob.call<Message>(`GET /v1/messages/${items[0]?.message.id}`)
  expect(items).toEqual([{ message: body, highlights: [{ start: 9, end: 13 }] }])
})

test('only participants find it: no strangers, nobody who left, nothing from before joining', async () => {
  const [carol, dave, stranger] = await messages.joinAll(3)
  if (!carol || !dave || !stranger) throw new Error('Nobody came')
  const { id } = await messages.group(alice, [carol])
  await alice.say(id, 'the secretword of before')
  await alice.call(`POST /v1/conversations/${id}/participants`, { userIds: [dave.id] })
  await alice.say(id, 'the secretword of now')
  await indexed()

  expect(await foundTexts(carol, { q: 'secretword' })).toHaveLength(2)
  expect(await foundTexts(dave, { q: 'secretword' })).toEqual(['the secretword of now'])
  expect(await foundTexts(stranger, { q: 'secretword' })).toEqual([])
  await carol.call(`DELETE /v1/conversations/${id}/participants/${carol.id}`)
  expect(await foundTexts(carol, { q: 'secretword' })).toEqual([])
  for (const person of [carol, stranger]) {
    const reply = await person.call(`GET /v1/search/messages?q=secretword&conversationId=${id}`)
    expect(reply).toMatchObject({ status: 404, body: { code: 'not_found' } })
  }
  expect((await alice.call(`GET /v1/search/messages?q=x&conversationId=${newId()}`)).status).toBe(404)
})

test('an edited text is found by its new words only, a deleted one not at all, index or not', async () => {
  const conversationId = await groupWith('the oldword here', 'the oldword there')
  const [there, here] = (await search(bob, { q: 'oldword', conversationId })).items
  const { pool } = messages.node.ctx
  // At the very moment of the change, before the index knows.
  await pool.query('ALTER TABLE messages DISABLE TRIGGER USER')
  await pool.query("UPDATE messages SET text = 'the newword here', edited_at = now() WHERE id = $1", [
    here?.message.id,
  ])
  await pool.query('UPDATE messages SET text = NULL, deleted_at = now() WHERE id = $1', [there?.message.id])
  await pool.query('ALTER TABLE messages ENABLE TRIGGER USER')
  expect(await foundTexts(bob, { q: 'oldword', conversationId })).toEqual([])

  await pool.query(
    'INSERT INTO search_queue (conversation_ids, seq) VALUES (ARRAY[$1::uuid], 1), (ARRAY[$1::uuid], 2)',
    [conversationId],
  )
  await indexed()
  expect(await foundTexts(bob, { q: 'oldword', conversationId })).toEqual([])
  expect(await foundTexts(bob, { q: 'newword', conversationId })).toEqual(['the newword here'])
})

test('filters: who, when, files, links', async () => {
  const { id: conversationId } = await messages.group(alice, [bob])
  const first = await alice.say(conversationId, 'report one')
  const second = await bob.say(conversationId, 'report two')
  const third = await bob.say(conversationId, 'report three')
  const { pool } = messages.node.ctx
  const file = {
    id: newId(),
    kind: 'file',
    name: 'Übersicht_März.pdf',
    mediaType: 'application/pdf',
    size: 1,
  }
  const attachment = { ...file, width: null, height: null, thumbHash: null }
  await pool.query('UPDATE messages SET attachments = $2 WHERE id = $1', [
    second.id,
    JSON.stringify([attachment]),
  ])
  await pool.query('UPDATE messages SET has_link = true WHERE id = $1', [third.id])
  for (const [i, { id }] of [first, second, third].entries()) {
    await pool.query(
      "UPDATE messages SET created_at = timestamptz '2020-01-01T00:00:00Z' + $2 * interval '1 day' WHERE id = $1",
      [id, i],
    )
  }
  await pool.query('INSERT INTO search_queue (conversation_ids) VALUES (ARRAY[$1::uuid])', [conversationId])
  await indexed()
  const found = async (filters: Record<string, string>) =>
    (await foundTexts(alice, { q: 'report', conversationId, ...filters })).map((text) => text?.split(' ')[1])

  expect(await found({})).toEqual(['three', 'two', 'one'])
  expect(await found({ from: bob.id })).toEqual(['three', 'two'])
  expect(await found({ from: newId() })).toEqual([])
  expect(await found({ before: '2020-01-02T00:00:00Z' })).toEqual(['one'])
  expect(await found({ after: '2020-01-02T01:00:00+01:00' })).toEqual(['three'])
  expect(await found({ before: '9999-01-01T00:00:00Z', after: '0001-01-01T00:00:00Z' })).toHaveLength(3)
  expect(await found({ has: 'attachment' })).toEqual(['two'])
  expect(await found({ has: 'link' })).toEqual(['three'])
  expect(await found({ has: 'link', from: alice.id })).toEqual([])
  const byName = await search(alice, { q: 'ubersicht marz', conversationId })
  expect(byName.items).toMatchObject([{ message: { id: second.id }, highlights: [] }])
})

test('pages are newest first over all conversations and stay whole while messages arrive', async () => {
  const groups = await Promise.all([0, 1, 2, 3].map(() => messages.group(alice, [bob])))
  const said: string[] = []
  for (let i = 0; i < 150; i += 1) {
    const text = `${i} pageword ${'filler '.repeat(i % 3)}`.trim()
    await alice.say(groups[(i * i) % 3]?.id ?? '', text)
    said.unshift(text)
  }
  await indexed()
  const found: (string | null)[] = []
  let cursor: string | null | undefined
  do {
    const page = await search(bob, { q: 'pageword', limit: '7', ...(cursor ? { cursor } : {}) })
    expect(page.items.length).toBeLessThanOrEqual(7)
    found.push(...page.items.map(({ message }) => message.text))
    cursor = page.nextCursor
    await alice.say(groups[found.length % 4]?.id ?? '', 'another pageword')
    await indexed()
  } while (cursor)
  expect(found).toEqual(said)
})

test('nothing that is typed breaks it', async () => {
  await groupWith('some text, so that there is something')
  const hostile = [
    '\u0000',
    'a\u0000b',
    '\u0002',
    '\u0003run\u0003',
    '"',
    '""',
    '" "',
    "'",
    '\\',
    '\\\\"',
    '%_',
    '&|!():*',
    '<->',
    "' OR 1=1 --",
    '$1',
    '{a,b}',
    'a'.repeat(200),
    '😀'.repeat(100),
    'Z̸̧͖'.repeat(40),
    '\ud800',
    '\udc00x',
    'a '.repeat(100),
    'ab '.repeat(66),
    '"a" '.repeat(50),
    Array.from({ length: 100 }, (_, i) => String.fromCharCode(97 + (i % 26))).join(' '),
    '漢'.repeat(200),
    'ﷺ'.repeat(200),
    '\u200b\u200b',
    '\u202e',
    '👨‍👩‍👧‍👦',
    '-',
    '--',
    '@',
    '#',
    '.',
  ]
  for (const q of hostile) {
    const { status } = await bob.call(`GET /v1/search/messages?q=${encodeURIComponent(q.toWellFormed())}`)
    expect([q, status]).toEqual([q, expect.toBeOneOf([200, 400])])
  }
  expect((await bob.call('GET /v1/search/messages?q=%ED%A0%80')).status).toBeLessThan(500)
  expect((await bob.call(`GET /v1/search/messages?q=${'x'.repeat(201)}`)).status).toBe(400)
})
