import { type Message, newId, type SendResult } from '@finnigram/contracts'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { call } from './fixture/call.ts'
import { editMessage, readMessage, removeMessage, sendMessage } from './fixture/message-calls.ts'
import { createGroupWithRoles, participantCalls } from './fixture/participant-calls.ts'
import { type Person, startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'

let messages: TestMessages
let owner: Person
let member: Person
let group: string
beforeAll(async () => {
  messages = await startTestMessages()
})
afterAll(() => messages[Symbol.asyncDispose]())
const { remove, add } = participantCalls(() => ({ id: group }))
beforeEach(async () => {
  const crew = await createGroupWithRoles(messages)
  ;({ owner, member } = crew)
  group = crew.group.id
})

const exportedBy = async ({ id }: Person) => {
  const headers = { 'x-internal-token': String(messages.env['INTERNAL_TOKEN']) }
  const page = `GET /internal/people/${id}/messages`
  return (await call<{ items: Message[] }>(messages.node.url, page, { headers })).body.items
}
/** Sends the same id again, by each path of a device. */
const sentAgain = async (person: Person, { id }: Message) => {
  const alone = await sendMessage(person, group, { id, text: 'x' })
  const batch = { messages: [{ conversationId: group, id, text: 'x' }] }
  const { body } = await person.call<{ items: SendResult[] }>('POST /v1/messages', batch)
  expect([alone.status, body.items[0]?.status]).toEqual([200, 200])
  expect(body.items[0]?.message).toEqual(alone.body)
  return alone.body
}
/** Everything that a former participant gets of their own message. */
const toldOf = async (person: Person, message: Message) => [
  await sentAgain(person, message),
  (await exportedBy(person)).find(({ id }) => id === message.id),
]
const react = (person: Person, { id }: Message, emoji: string) =>
  person.call(`PUT /v1/messages/${id}/reactions/${encodeURIComponent(emoji)}`)

test('a former participant’s reply quotes no later edit, in responses or exports', async () => {
  const question = await owner.say(group, 'the old words')
  const answer = await member.say(group, 'Well', { replyToId: question.id })
  await remove(owner, member)
  expect(await toldOf(member, answer)).toEqual([answer, answer])

  await editMessage(owner, question, 'the new words')
  const asLeft = { ...answer, replyTo: { ...answer.replyTo, excerpt: '' }, version: expect.any(Number) }
  expect(await toldOf(member, answer)).toEqual([asLeft, asLeft])
  expect(await readMessage(owner, answer)).toMatchObject({ replyTo: { excerpt: 'the new words' } })
})

test('a returning member learns no change from their absence', async () => {
  const question = await owner.say(group, 'the old words')
  const answer = await member.say(group, 'Well', { replyToId: question.id })
  await remove(owner, member)
  await editMessage(owner, question, 'the new words')
  await add(owner, [member])
  const told = await toldOf(member, answer)
  expect(told.map((message) => message?.replyTo?.excerpt)).toEqual(['', ''])

  await editMessage(owner, question, 'the newest words')
  await remove(owner, member)
  expect(JSON.stringify(await toldOf(member, answer))).not.toMatch(/new/)
  expect((await member.call(`GET /v1/messages/${answer.id}`)).status).toBe(404)
})

test('a former participant sees only their own reaction once others have changed', async () => {
  const said = await member.say(group, 'Good bye')
  await react(owner, said, '👍')
  await react(member, said, '👍')
  await remove(owner, member)
  const before = [{ emoji: '👍', userIds: [owner.id, member.id] }]
  expect((await toldOf(member, said)).map((told) => told?.reactions)).toEqual([before, before])

  await react(owner, said, '🎉')
  const [told] = await toldOf(member, said)
  expect(told?.reactions).toEqual([{ emoji: '👍', userIds: [member.id] }])
  expect(told?.version).toBeLessThan((await readMessage(owner, said)).version)
})

test('a message deleted after its author left is deleted for them too', async () => {
  const said = await member.say(group, 'Good bye')
  await remove(owner, member)
  await removeMessage(owner, said)
  expect(await sentAgain(member, said)).toMatchObject({ id: said.id, text: null, reactions: [] })
  expect(await exportedBy(member)).toEqual([])
})

test('a removed participant sends nothing new, and learns of no message by its id', async () => {
  const said = await owner.say(group, 'Hello')
  await remove(owner, member)
  expect((await sendMessage(member, group, { text: 'x' })).status).toBe(404)
  expect((await sendMessage(member, group, { id: said.id, text: 'x' })).status).toBe(404)
  expect((await sendMessage(member, newId(), { id: said.id, text: 'x' })).status).toBe(404)
})

test('a returning member of a group with shared history reads it as it is now', async () => {
  await owner.call(`PATCH /v1/conversations/${group}`, { sharesHistory: true })
  const question = await owner.say(group, 'the old words')
  const answer = await member.say(group, 'Well', { replyToId: question.id })
  await remove(owner, member)
  await editMessage(owner, question, 'the new words')
  await add(owner, [member])
  const told = await toldOf(member, answer)
  expect(told.map((message) => message?.replyTo?.excerpt)).toEqual(['the new words', 'the new words'])
})
