import type { Conversation, Message, SyncReply } from '@finnigram/contracts'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { eventsAfter } from './fixture/message-calls.ts'
import { createGroupWithRoles, participantCalls } from './fixture/participant-calls.ts'
import { type Person, startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'

let messages: TestMessages
let owner: Person
let admin: Person
let member: Person
let outsider: Person
let group: Conversation

beforeAll(async () => {
  messages = await startTestMessages({ count: 2 })
})
afterAll(() => messages[Symbol.asyncDispose]())
beforeEach(async () => {
  ;({ owner, admin, member, outsider, group } = await createGroupWithRoles(messages))
})

const { remove, add } = participantCalls(() => group)

test('a new member sees no earlier messages', async () => {
  const before = await owner.say(group.id, 'before')
  await add(owner, [outsider])
  const chat = await outsider.chat(group.id)
  expect(chat).toMatchObject({ lastSeq: 3, lastMessage: null, me: { joinedSeq: 3, unreadCount: 0 } })
  expect((await outsider.call(`GET /v1/messages/${before.id}`)).status).toBe(404)
  const after = await owner.say(group.id, 'after')

  const page = await outsider.call<{ items: Message[] }>(`GET /v1/conversations/${group.id}/messages`)
  expect(page.body).toEqual({ items: [after], lastSeq: 4, hasBefore: false, hasAfter: false })
  expect((await outsider.chat(group.id)).me.unreadCount).toBe(1)
  const seen = await eventsAfter(outsider, group.id, 0)
  expect(seen.map(({ type }) => type)).toEqual(['participant.added', 'message.created'])
})

test('a returning member starts afresh', async () => {
  await member.call(`POST /v1/conversations/${group.id}/read`, { seq: 0 })
  await remove(owner, member)
  const meanwhile = await owner.say(group.id, 'while you were away')
  await add(owner, [member])

  expect((await member.call(`GET /v1/messages/${meanwhile.id}`)).status).toBe(404)
  expect(await member.chat(group.id)).toMatchObject({
    participantCount: 3,
    lastMessage: null,
    me: { role: 'member', joinedSeq: 4, unreadCount: 0 },
  })
  expect((await eventsAfter(member, group.id, 0)).map(({ type }) => type)).toEqual(['participant.added'])
})

test('a removed member does not learn who removed them; the others do', async () => {
  await remove(owner, member)
  await remove(admin, admin)
  const notices = (await eventsAfter(owner, group.id, 3)).map((event) =>
    event.type === 'message.created' ? event.data.message.system : event.type,
  )
  expect(notices).toEqual([
    'participant.removed',
    { type: 'participant.removed', userId: member.id },
    'participant.removed',
    { type: 'participant.left' },
  ])
  const sync = await member.call<SyncReply>('POST /v1/sync', { known: { [group.id]: 3 } })
  expect(sync.body).toMatchObject({ events: {}, removed: [group.id] })
})

test('a new member of a group with shared history reads it, and has nothing unread', async () => {
  const before = await owner.say(group.id, 'before')
  expect((await owner.call(`PATCH /v1/conversations/${group.id}`, { sharesHistory: true })).status).toBe(200)
  await add(owner, [outsider])

  const chat = await outsider.chat(group.id)
  expect(chat).toMatchObject({
    sharesHistory: true,
    lastMessage: { system: { type: 'participants.added' } },
    me: { joinedSeq: 0, unreadCount: 0, lastReadSeq: chat.lastSeq },
  })
  expect((await outsider.call(`GET /v1/messages/${before.id}`)).body).toEqual(before)
  const page = await outsider.call<{ items: Message[] }>(`GET /v1/conversations/${group.id}/messages`)
  expect(page.body.items).toHaveLength(chat.lastSeq)

  await owner.call(`PATCH /v1/conversations/${group.id}`, { sharesHistory: false })
  const late = await messages.join('Late')
  await add(owner, [late])
  expect((await late.call(`GET /v1/messages/${before.id}`)).status).toBe(404)
  expect((await outsider.call(`GET /v1/messages/${before.id}`)).status).toBe(200)
})

test('edits of earlier messages reach no new member, and versions stay dense', async () => {
  const said = await owner.say(group.id, 'before')
  await add(owner, [outsider])
  const { version } = await outsider.chat(group.id)
  expect((await owner.call(`PATCH /v1/messages/${said.id}`, { text: 'a secret' })).status).toBe(200)

  const events = await eventsAfter(outsider, group.id, version)
  expect(events).toMatchObject([{ type: 'conversation.updated', version: version + 1, data: {} }])
  const { body } = await outsider.call<SyncReply>('POST /v1/sync', { known: { [group.id]: version } })
  expect(body.events[group.id]).toEqual(events)
  expect(await eventsAfter(member, group.id, version)).toMatchObject([
    { type: 'message.edited', version: version + 1, data: { message: { text: 'a secret' } } },
  ])
})
