import type { Conversation, ConversationMe, ConversationMeChange, SyncReply } from '@finnigram/contracts'
import { eventually } from '@finnigram/service-kit/testing'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { heardAccounts } from './fixture/heard-accounts.ts'
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
  alice = await messages.join('Alice')
  bob = await messages.join('Bob')
  chat = await messages.direct(alice, bob)
})

const patch = (person: Person, change: ConversationMeChange, node = messages.node) =>
  person.call<ConversationMe>(`PATCH /v1/conversations/${chat.id}/me`, change, node)
const told = (person: Person) => heardAccounts(messages, person.id, 'conversation.me')

test('settings are mine alone, and what is left out stays', async () => {
  const mutedUntil = '2030-01-01T00:00:00.000Z'
  expect(await patch(alice, { mutedUntil, draft: ' half a ' })).toMatchObject({ status: 200 })
  const { status, body } = await patch(alice, { archived: true, pinned: true, notify: 'mentions' })

  expect(status).toBe(200)
  expect(body).toMatchObject({
    mutedUntil,
    draft: ' half a ',
    archived: true,
    pinned: true,
    notify: 'mentions',
  })
  expect((await alice.chat(chat.id)).me).toEqual(body)
  expect((await bob.chat(chat.id)).me).toMatchObject({ mutedUntil: null, draft: null, archived: false })
  expect((await patch(alice, { mutedUntil: null, draft: '' })).body).toMatchObject({
    mutedUntil: null,
    draft: null,
  })
  expect(await alice.chat(chat.id)).toMatchObject({ version: 1 })
})

test('my devices are told what changed, nobody else is, and nothing of what stays', async () => {
  await bob.say(chat.id, 'hi')
  const { body: first } = await patch(alice, { draft: 'a' })
  await patch(alice, { draft: 'a' })
  await patch(alice, {})
  const { body: second } = await patch(alice, { draft: 'ab' }, messages.nodes[1])
  await eventually(async () => {
    expect(await told(alice)).toEqual([
      { conversationId: chat.id, me: first },
      { conversationId: chat.id, me: second },
    ])
  })
  expect(first).toMatchObject({ draft: 'a', unreadCount: 1 })
  expect(await told(bob)).toEqual([])
})

test('a device that was away learns of it from its next sync', async () => {
  const before = await alice.call<SyncReply>('POST /v1/sync', { known: {} })
  const { body: me } = await patch(alice, { draft: 'written on the phone' })
  const request = { known: { [chat.id]: 1 }, since: before.body.cursor }
  const { body } = await alice.call<SyncReply>('POST /v1/sync', request)
  expect(body).toMatchObject({ me: [{ conversationId: chat.id, me }], conversations: [] })
})

test('what cannot be kept is refused, all of it at once', async () => {
  const wrong = { mutedUntil: '9999-12-31T23:59:59-14:00', notify: 'some', draft: 'x'.repeat(16_001) }
  const reply = await alice.call<{ errors: { path: string }[] }>(
    `PATCH /v1/conversations/${chat.id}/me`,
    wrong,
  )
  expect(reply.status).toBe(400)
  expect(reply.body.errors.map(({ path }) => path).toSorted()).toEqual([
    'body.draft',
    'body.mutedUntil',
    'body.notify',
  ])
  for (const mutedUntil of ['0000-06-01T00:00:00.000Z', '0001-01-01T00:00:00+01:00'])
    expect((await patch(alice, { mutedUntil })).status).toBe(400)
  expect((await patch(alice, { mutedUntil: '0001-01-01T00:00:00Z' })).body.mutedUntil).toBe(
    '0001-01-01T00:00:00.000Z',
  )
})

test('many changes at once on two nodes end in what was told last', async () => {
  await Promise.all(
    Array.from({ length: 20 }, (_, i) => patch(alice, { draft: `draft ${i}` }, messages.nodes[i % 2])),
  )
  const { me } = await alice.chat(chat.id)
  await eventually(async () => {
    const facts = await told(alice)
    expect(facts).toHaveLength(20)
    expect(facts.at(-1)).toEqual({ conversationId: chat.id, me })
  })
})
