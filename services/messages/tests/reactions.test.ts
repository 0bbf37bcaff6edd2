import { type ConversationEvent, type Message, newId, type Problem } from '@finnigram/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Person, startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'

let messages: TestMessages
let alice: Person
let bob: Person
let chat: string
beforeAll(async () => {
  messages = await startTestMessages()
  alice = await messages.join('Alice')
  bob = await messages.join('Bob')
  chat = (await messages.direct(alice, bob)).id
})
afterAll(() => messages[Symbol.asyncDispose]())

const change =
  (method: 'PUT' | 'DELETE') =>
  (person: Person, { id }: { id: string }, emoji: string) =>
    person.call<Problem>(`${method} /v1/messages/${id}/reactions/${encodeURIComponent(emoji)}`)
const [react, unreact] = [change('PUT'), change('DELETE')]
const read = async ({ id }: { id: string }) => (await alice.call<Message>(`GET /v1/messages/${id}`)).body
const eventsAfter = async (version: number) =>
  (await alice.call<{ items: ConversationEvent[] }>(`GET /v1/conversations/${chat}/events?after=${version}`))
    .body.items

test('reacting requires sign-in', async () => {
  const path = `/v1/messages/${newId()}/reactions/${encodeURIComponent('👍')}`
  for (const method of ['PUT', 'DELETE']) {
    expect(await messages.call(`${method} ${path}`)).toMatchObject({
      status: 401,
      body: { code: 'unauthenticated' },
    })
  }
})

test('reactions keep the order of emoji and users, and emit an event for each change', async () => {
  const message = await alice.say(chat, 'news')
  const { version } = await alice.chat(chat)
  for (const [person, emoji] of [
    [bob, '👍'],
    [alice, '❤️'],
    [alice, '👍'],
  ] as const) {
    expect((await react(person, message, emoji)).status).toBe(204)
  }
  expect(await read(message)).toEqual({
    ...message,
    version: version + 3,
    reactions: [
      { emoji: '👍', userIds: [bob.id, alice.id] },
      { emoji: '❤️', userIds: [alice.id] },
    ],
  })
  expect((await unreact(bob, message, '👍')).status).toBe(204)
  expect((await unreact(alice, message, '❤️')).status).toBe(204)
  expect((await read(message)).reactions).toEqual([{ emoji: '👍', userIds: [alice.id] }])
  const reference = { messageId: message.id, seq: message.seq }
  expect((await eventsAfter(version)).map(({ type, data, actorId }) => ({ type, data, actorId }))).toEqual([
    { type: 'reaction.added', actorId: bob.id, data: { ...reference, emoji: '👍', userId: bob.id } },
    { type: 'reaction.added', actorId: alice.id, data: { ...reference, emoji: '❤️', userId: alice.id } },
    { type: 'reaction.added', actorId: alice.id, data: { ...reference, emoji: '👍', userId: alice.id } },
    { type: 'reaction.removed', actorId: bob.id, data: { ...reference, emoji: '👍', userId: bob.id } },
    { type: 'reaction.removed', actorId: alice.id, data: { ...reference, emoji: '❤️', userId: alice.id } },
  ])
})

test('adding an existing or removing a missing reaction emits no event', async () => {
  const message = await alice.say(chat, 'news')
  await react(bob, message, '🎉')
  const { version } = await alice.chat(chat)
  expect((await react(bob, message, '🎉')).status).toBe(204)
  expect((await unreact(alice, message, '🎉')).status).toBe(204)
  expect((await unreact(alice, message, '👍')).status).toBe(204)
  expect((await alice.chat(chat)).version).toBe(version)
})

test('a message has at most twenty different emoji', async () => {
  const message = await alice.say(chat, 'news')
  const emoji = Array.from({ length: 21 }, (_, i) => String.fromCodePoint(0x1f600 + i))
  for (const one of emoji.slice(0, 20)) expect((await react(bob, message, one)).status).toBe(204)
  expect(await react(alice, message, emoji[20] ?? '')).toMatchObject({
    status: 409,
    body: { code: 'conflict' },
  })
  expect((await react(alice, message, emoji[0] ?? '')).status).toBe(204)
  expect((await read(message)).reactions).toHaveLength(20)
})

test('a reaction is exactly one emoji', async () => {
  const message = await alice.say(chat, 'news')
  for (const emoji of ['👨‍👩‍👧‍👦', '🏳️‍🌈', '👍🏽', '🇩🇪', '1️⃣', '🏴󠁧󠁢󠁳󠁣󠁴󠁿']) {
    expect([emoji, (await react(bob, message, emoji)).status]).toEqual([emoji, 204])
  }
  for (const trick of [
    '👍👍',
    'a',
    '1',
    '👍\u200D',
    '👍\u202E',
    '❤',
    '\u200D',
    '👍🏽🏽',
    '🇩',
    '%00',
    ' 👍',
    '👍'.repeat(40),
  ]) {
    expect([trick, (await react(bob, message, trick)).status]).toEqual([trick, 400])
  }
  const refused = await bob.call<Problem>(`PUT /v1/messages/x/reactions/a`)
  expect(refused.body.errors?.map(({ path }) => path)).toEqual(['params.messageId', 'params.emoji'])
  expect((await bob.call(`PUT /v1/messages/${message.id}/reactions/%F0%9F%91`)).status).toBe(400)
})

test('a deleted message cannot be reacted to; an unreadable one is not_found', async () => {
  const message = await alice.say(chat, 'news')
  const stranger = await messages.join('Eve')
  for (const one of [message, { id: newId() }]) {
    expect(await react(stranger, one, '👍')).toMatchObject({ status: 404, body: { code: 'not_found' } })
    expect(await unreact(stranger, one, '👍')).toMatchObject({ status: 404 })
  }
  await react(bob, message, '👍')
  await alice.call(`DELETE /v1/messages/${message.id}`)
  expect(await react(bob, message, '👍')).toMatchObject({ status: 409, body: { code: 'conflict' } })
  expect((await unreact(bob, message, '👍')).status).toBe(204)
  expect((await read(message)).reactions).toEqual([])
})
