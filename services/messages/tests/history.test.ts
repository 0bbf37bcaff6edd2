import { type Message, newId, type Problem } from '@finnigram/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Person, startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'

interface Page {
  items: Message[]
  lastSeq: number
  hasBefore: boolean
  hasAfter: boolean
}

let messages: TestMessages
let alice: Person
let late: Person
let chat: string

/** 25 messages; the fifth says that the late one joins. */
beforeAll(async () => {
  messages = await startTestMessages()
  alice = await messages.join('Alice')
  late = await messages.join('Late')
  chat = (await messages.group(alice)).id
  for (let i = 1; i <= 4; i += 1) await alice.say(chat, `#${i}`)
  await alice.call(`POST /v1/conversations/${chat}/participants`, { userIds: [late.id] })
  for (let i = 6; i <= 25; i += 1) await alice.say(chat, `#${i}`)
})
afterAll(() => messages[Symbol.asyncDispose]())

const page = async (person: Person, query: string, conversationId = chat) => {
  const { body } = await person.call<Page>(`GET /v1/conversations/${conversationId}/messages${query}`)
  return { ...body, items: body.items.map(({ seq }) => seq) }
}
const range = (from: number, to: number) =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i)

test.each([
  ['?limit=10', 16, 25],
  ['', 1, 25],
  ['?before=8&limit=5', 3, 7],
  ['?before=3&limit=5', 1, 2],
  ['?before=1', 1, 0],
  ['?before=0', 1, 0],
  ['?before=999&limit=2', 24, 25],
  ['?after=20&limit=3', 21, 23],
  ['?after=23&limit=3', 24, 25],
  ['?after=0&limit=2', 1, 2],
  ['?around=12&limit=5', 10, 14],
  ['?around=1&limit=5', 1, 5],
  ['?around=25&limit=5', 21, 25],
  ['?around=999&limit=5', 21, 25],
  ['?around=0&limit=50', 1, 25],
])('the page %s reaches from %i to %i', async (query, from, to) => {
  expect(await page(alice, query)).toEqual({
    items: range(from, to),
    lastSeq: 25,
    hasBefore: from > 1,
    hasAfter: to < 25,
  })
})

test.each([
  ['?limit=50', 6, 25],
  ['?before=8', 6, 7],
  ['?after=0&limit=2', 6, 7],
  ['?around=3&limit=4', 6, 9],
])('for who joined after the fifth, the page %s reaches from %i to %i', async (query, from, to) => {
  expect(await page(late, query)).toEqual({
    items: range(from, to),
    lastSeq: 25,
    hasBefore: from > 6,
    hasAfter: to < 25,
  })
})

test('past the end there are only earlier messages', async () => {
  for (const after of [25, 26, 99_999_999_999]) {
    expect(await page(alice, `?after=${after}`)).toEqual({
      items: [],
      lastSeq: 25,
      hasBefore: true,
      hasAfter: false,
    })
  }
})

test('an empty conversation has an empty page, whatever is asked', async () => {
  const { id } = await messages.group(alice)
  for (const query of ['', '?before=3', '?before=0', '?after=0', '?after=7', '?around=4']) {
    expect(await page(alice, query, id)).toEqual({ items: [], lastSeq: 0, hasBefore: false, hasAfter: false })
  }
})

test('a page equals getting each message', async () => {
  const { body } = await late.call<Page>(`GET /v1/conversations/${chat}/messages?after=10&limit=3`)
  for (const message of body.items) {
    expect((await late.call(`GET /v1/messages/${message.id}`)).body).toEqual(message)
  }
})

test('two anchors at once are a mistake, and so is nonsense', async () => {
  const two = await alice.call<Problem>(`GET /v1/conversations/${chat}/messages?before=3&after=1`)
  expect(two).toMatchObject({
    status: 400,
    body: { errors: [{ path: 'query.before' }, { path: 'query.after' }] },
  })
  for (const query of [
    '?before=-1',
    '?limit=0',
    '?limit=101',
    '?around=x',
    '?before=',
    '?after=',
    '?limit=',
  ]) {
    expect((await alice.call(`GET /v1/conversations/${chat}/messages${query}`)).status).toBe(400)
  }
  expect((await alice.call('GET /v1/messages/x')).status).toBe(400)
  expect((await alice.call(`GET /v1/messages/${newId()}`)).status).toBe(404)
})

test('events come in pages, and say when there are more', async () => {
  const after = async (version: number, limit = 10) => {
    const request = `GET /v1/conversations/${chat}/events?after=${version}&limit=${limit}`
    const { body } = await alice.call<{ items: { version: number }[]; hasMore: boolean }>(request)
    return [body.items.map((event) => event.version), body.hasMore]
  }
  expect(await after(0)).toEqual([range(1, 10), true])
  expect(await after(17)).toEqual([range(18, 27), false])
  expect(await after(16)).toEqual([range(17, 26), true])
  expect(await after(27)).toEqual([[], false])
  expect(await after(5000)).toEqual([[], false])
})

test('compacted events are gone', async () => {
  const group = await messages.group(alice)
  for (let i = 0; i < 4; i += 1) await alice.say(group.id, 'x')
  const { pool } = messages.node.ctx
  await pool.query('UPDATE conversations SET compacted_version = 3 WHERE id = $1', [group.id])
  await pool.query('DELETE FROM conversation_events WHERE conversation_id = $1 AND version <= 3', [group.id])

  const path = `GET /v1/conversations/${group.id}/events`
  expect(await alice.call(`${path}?after=2`)).toMatchObject({ status: 410, body: { code: 'gone' } })
  expect(await alice.call(`${path}?after=3`)).toMatchObject({
    status: 200,
    body: { items: [{ version: 4 }, { version: 5 }], hasMore: false },
  })
})
