import { type Message, newId, type Problem, streamNames } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { Redis } from 'ioredis'
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
  group = (await messages.group(alice, [bob])).id
})
afterAll(() => messages[Symbol.asyncDispose]())

type Starred = Message & { starredAt: string }
const star = (person: Person, { id }: { id: string }) => person.call<Problem>(`PUT /v1/messages/${id}/star`)
const unstar = (person: Person, { id }: { id: string }) =>
  person.call<Problem>(`DELETE /v1/messages/${id}/star`)
const list = (person: Person, query = '') =>
  person.call<{ items: Starred[]; nextCursor: string | null } & Problem>(`GET /v1/stars${query}`)

test('stars require sign-in', async () => {
  const path = `/v1/messages/${newId()}/star`
  for (const request of [`PUT ${path}`, `DELETE ${path}`, 'GET /v1/stars']) {
    expect(await messages.call(request)).toMatchObject({ status: 401, body: { code: 'unauthenticated' } })
  }
})

test('a person has at most ten thousand stars; removing one makes room', async () => {
  const carol = await messages.join('Carol')
  const own = (await messages.group(carol, [])).id
  const [first, second] = [await carol.say(own, 'one'), await carol.say(own, 'another')]
  await messages.node.ctx.pool.query(
    `INSERT INTO stars (user_id, message_id, conversation_id)
SELECT $1, gen_random_uuid(), $2 FROM generate_series(1, 9999)`,
    [carol.id, own],
  )
  expect((await star(carol, first)).status).toBe(204)
  expect(await star(carol, second)).toMatchObject({ status: 409, body: { code: 'conflict' } })
  expect((await star(carol, first)).status).toBe(204)
  await unstar(carol, first)
  expect((await star(carol, second)).status).toBe(204)
})

test('stars are personal: one event for own devices, none for the conversation', async () => {
  const message = await alice.say(group, 'keep')
  const { version } = await alice.chat(group)
  for (const change of [star, star, unstar, unstar, star])
    expect((await change(bob, message)).status).toBe(204)

  expect((await list(bob)).body).toEqual({
    items: [{ ...message, starredAt: expect.any(String) }],
    nextCursor: null,
  })
  expect((await list(alice)).body.items).toEqual([])
  expect((await alice.chat(group)).version).toBe(version)
  const data = { messageId: message.id, conversationId: group }
  await eventually(async () =>
    expect(await toldTo(bob)).toEqual(
      ['message.starred', 'message.unstarred', 'message.starred'].map((type) => ({
        userId: bob.id,
        type,
        data,
      })),
    ),
  )
})

async function toldTo({ id }: Person): Promise<unknown[]> {
  const redis = new Redis(messages.redis.url)
  try {
    const streams = await Promise.all(streamNames('messages').map((name) => redis.xrange(name, '-', '+')))
    return streams.flat().flatMap(([, fields]) => {
      const field = (name: string) => fields[fields.indexOf(name) + 1] ?? ''
      return field('type') === 'account' && field('key') === id ? JSON.parse(field('payload')) : []
    })
  } finally {
    redis.disconnect()
  }
}

test('stars are listed in pages, newest first, with current messages', async () => {
  const carol = await messages.join('Carol')
  const notes = (await messages.direct(carol, carol)).id
  const said: Message[] = []
  for (let i = 0; i < 5; i += 1) said.push(await carol.say(notes, String(i)))
  for (const message of said) await star(carol, message)
  await carol.call(`PATCH /v1/messages/${said[4]?.id}`, { text: 'four' })
  const first = (await list(carol, '?limit=3')).body
  const second = (await list(carol, `?limit=3&cursor=${first.nextCursor}`)).body
  expect([first, second].map(({ items }) => items.map(({ text }) => text))).toEqual([
    ['four', '3', '2'],
    ['1', '0'],
  ])
  expect(second.nextCursor).toBeNull()
  expect((await list(carol, '?cursor=e30')).body.errors?.[0]?.path).toBe('query.cursor')
})

test('a star disappears with its message, and when the person leaves', async () => {
  const dave = await messages.join('Dave')
  const chat = (await messages.group(alice, [dave])).id
  const [gone, kept] = [await alice.say(chat, 'gone'), await alice.say(chat, 'kept')]
  for (const message of [gone, kept]) await star(dave, message)
  await alice.call(`DELETE /v1/messages/${gone.id}`)
  expect((await list(dave)).body.items.map(({ id }) => id)).toEqual([kept.id])
  expect(await star(dave, gone)).toMatchObject({ status: 409, body: { code: 'conflict' } })

  await alice.call(`DELETE /v1/conversations/${chat}/participants/${dave.id}`)
  expect((await list(dave)).body.items).toEqual([])
  for (const one of [kept, { id: newId() }]) {
    expect(await star(dave, one)).toMatchObject({ status: 404, body: { code: 'not_found' } })
    expect((await unstar(dave, one)).status).toBe(404)
  }
  await alice.call(`POST /v1/conversations/${chat}/participants`, { userIds: [dave.id] })
  expect((await list(dave)).body.items).toEqual([])
})
