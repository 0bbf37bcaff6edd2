import { newId } from '@finnigram/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { block } from './fixture/block.ts'
import {
  editMessage,
  eventsAfter,
  expectDenseEvents,
  readMessage,
  removeMessage,
  syncedSinceFirstEvent,
} from './fixture/message-calls.ts'
import { type Person, startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'

let messages: TestMessages
let alice: Person
let bob: Person
let carol: Person
let group: string
beforeAll(async () => {
  messages = await startTestMessages()
  alice = await messages.join('Alice')
  bob = await messages.join('Bob')
  carol = await messages.join('Carol')
})
afterAll(() => messages[Symbol.asyncDispose]())

const newGroup = async () => {
  group = (await messages.group(alice, [bob, carol])).id
}
const events = (person = alice, after = 0) => eventsAfter(person, group, after)
const told = (person = alice) => syncedSinceFirstEvent(person, group)
const expectDense = () => expectDenseEvents(alice, group)

test('changing messages requires sign-in', async () => {
  const path = `/v1/messages/${newId()}`
  for (const request of [`PATCH ${path}`, `DELETE ${path}`]) {
    expect(await messages.call(request, { body: { text: 'x' } })).toMatchObject({
      status: 401,
      body: { code: 'unauthenticated' },
    })
  }
})

test('the author edits a message, and all participants get the event', async () => {
  await newGroup()
  const message = await alice.say(group, 'helo @bob')
  const before = await alice.chat(group)
  const { status, body } = await editMessage(alice, message, 'hello @carol, https://example.com')

  expect(status).toBe(200)
  expect(body).toEqual({
    ...message,
    version: before.version + 1,
    text: 'hello @carol, https://example.com',
    mentions: [carol.id],
    editedAt: expect.any(String),
  })
  expect(await readMessage(bob, message)).toEqual(body)
  expect((await bob.chat(group)).lastMessage).toEqual(body)
  expect((await events(bob, before.version))[0]).toMatchObject({
    type: 'message.edited',
    actorId: alice.id,
    data: { message: body },
  })
  expect((await bob.chat(group)).me).toMatchObject({ unreadCount: 1, mentionCount: 0 })
  expect((await carol.chat(group)).me).toMatchObject({ unreadCount: 1, mentionCount: 1 })
  const row = await messages.node.ctx.prisma.message.findUniqueOrThrow({ where: { id: message.id } })
  expect(row.hasLink).toBe(true)
})

test('an edit without a change emits no event', async () => {
  await newGroup()
  const message = await alice.say(group, 'Café')
  expect(await editMessage(alice, message, 'Cafe\u0301')).toMatchObject({ status: 200, body: message })
  expect((await alice.chat(group)).version).toBe(2)
})

test('only the author edits, and no deleted or system message', async () => {
  await newGroup()
  const message = await bob.say(group, 'mine')
  expect(await editMessage(alice, message, 'yours')).toMatchObject({
    status: 403,
    body: { code: 'forbidden' },
  })
  await removeMessage(bob, message)
  expect(await editMessage(bob, message, 'back')).toMatchObject({ status: 409, body: { code: 'conflict' } })
  await alice.call(`PATCH /v1/conversations/${group}`, { title: 'Renamed' })
  const notice = (await alice.chat(group)).lastMessage
  expect(notice?.kind).toBe('system')
  expect(await editMessage(alice, notice ?? { id: '' }, 'x')).toMatchObject({
    status: 409,
    body: { code: 'conflict' },
  })
  for (const person of [alice, bob]) {
    expect(await removeMessage(person, notice ?? { id: '' })).toMatchObject({ status: 403 })
  }
  const empty = await editMessage(bob, message, '  ')
  expect(empty).toMatchObject({ status: 400, body: { errors: [{ path: 'body.text' }] } })
})

test('changing an unreadable message answers not_found', async () => {
  await newGroup()
  const dave = await messages.join('Dave')
  const message = await alice.say(group, 'before Dave')
  const left = await carol.say(group, 'of Carol')
  await alice.call(`POST /v1/conversations/${group}/participants`, { userIds: [dave.id] })
  await carol.call(`DELETE /v1/conversations/${group}/participants/${carol.id}`)
  const stranger = await messages.join('Eve')
  for (const [person, one] of [
    [dave, message],
    [carol, left],
    [stranger, message],
    [alice, { id: newId() }],
  ] as const) {
    expect((await editMessage(person, one, 'x')).status).toBe(404)
    expect((await removeMessage(person, one)).status).toBe(404)
  }
})

test('no event keeps a text from before an edit', async () => {
  await newGroup()
  const message = await alice.say(group, 'secret 0 @bob')
  const answer = await bob.say(group, 'What?', { replyToId: message.id })
  expect(answer.replyTo?.excerpt).toBe('secret 0 @bob')
  for (let i = 1; i <= 5; i += 1) await editMessage(alice, message, `secret ${i}`)
  await editMessage(alice, message, 'public')

  expect(await told()).not.toContain('secret')
  expect((await readMessage(bob, answer)).replyTo?.excerpt).toBe('public')
  expect((await readMessage(bob, answer)).editedAt).toBeNull()
  const row = await messages.node.ctx.prisma.message.findUniqueOrThrow({ where: { id: message.id } })
  expect(row.textVersions).toHaveLength(2)
  await expectDense()
})

test('an edit past the excerpt leaves replies unchanged', async () => {
  await newGroup()
  const long = 'word '.repeat(100)
  const message = await alice.say(group, `${long}one`)
  const answer = await bob.say(group, 'Long', { replyToId: message.id })
  const { version } = await alice.chat(group)
  await editMessage(alice, message, `${long}two`)
  expect((await alice.chat(group)).version).toBe(version + 1)
  expect(await readMessage(bob, answer)).toEqual(answer)
})

test('across a block nothing is edited, reacted to or pinned, but may be deleted', async () => {
  const [dave, erin] = [await messages.join('Dave'), await messages.join('Erin')]
  group = (await messages.direct(dave, erin)).id
  const message = await dave.say(group, 'x')
  await block(messages, erin, { other: dave })
  const path = `/v1/messages/${message.id}`
  const forbidden = { status: 403, body: { code: 'forbidden' } }
  expect(await editMessage(dave, message, 'y')).toMatchObject(forbidden)
  for (const what of [`reactions/${encodeURIComponent('👍')}`, 'pin']) {
    expect(await dave.call(`PUT ${path}/${what}`)).toMatchObject(forbidden)
  }
  expect((await dave.chat(group)).version).toBe(2)
  expect((await removeMessage(dave, message)).status).toBe(204)
})
