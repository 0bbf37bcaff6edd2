import { eventually } from '@finnigram/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sendMessage } from './fixture/message-calls.ts'
import { type Person, startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'

let messages: TestMessages
let alice: Person
let bob: Person
let carol: Person
let group: string
beforeAll(async () => {
  messages = await startTestMessages()
  ;[alice, bob, carol] = [
    await messages.join('Alice'),
    await messages.join('Bob'),
    await messages.join('Carol'),
  ]
})
afterAll(() => messages[Symbol.asyncDispose]())

const newGroup = async (...members: Person[]) => {
  group = (await messages.group(alice, members)).id
}
const send = (person: Person, body: object, conversationId = group) =>
  sendMessage(person, conversationId, body)

test('usernames of participants are mentions, others are plain text', async () => {
  await newGroup(bob)
  const { body } = await send(alice, { text: 'hey @BOB, @carol, @nobody_here and @bob: a@bob.com' })
  expect(body).toMatchObject({ mentions: [bob.id], mentionsAll: false })
  const mentions = await messages.node.ctx.prisma.mention.findMany({ where: { conversationId: group } })
  expect(mentions).toEqual([{ conversationId: group, userId: bob.id, seq: body.seq, senderId: alice.id }])
  expect((await bob.chat(group)).me).toMatchObject({ unreadCount: 1, mentionCount: 1 })
  expect((await alice.chat(group)).me).toMatchObject({ unreadCount: 0, mentionCount: 0 })
})

test('mentioning oneself is shown and counts for nobody', async () => {
  await newGroup(bob)
  expect((await send(bob, { text: 'I am @bob' })).body.mentions).toEqual([bob.id])
  expect((await bob.chat(group)).me.mentionCount).toBe(0)
  expect(await messages.node.ctx.prisma.mention.count({ where: { conversationId: group } })).toBe(0)
})

test('@all by an owner or admin of a group mentions all; elsewhere it is plain text', async () => {
  await newGroup(bob, carol)
  expect((await send(alice, { text: '@all and @bob' })).body).toMatchObject({
    mentions: [bob.id],
    mentionsAll: true,
  })
  expect((await send(bob, { text: '@all' })).body.mentionsAll).toBe(false)
  await alice.call(`PATCH /v1/conversations/${group}/participants/${bob.id}`, { role: 'admin' })
  expect((await send(bob, { text: '(@ALL)' })).body.mentionsAll).toBe(true)
  const direct = await messages.direct(alice, carol)
  expect((await send(alice, { text: '@all' }, direct.id)).body.mentionsAll).toBe(false)

  expect((await carol.chat(group)).me.mentionCount).toBe(2)
  expect((await bob.chat(group)).me.mentionCount).toBe(1)
  await carol.call(`POST /v1/conversations/${group}/read`, { seq: (await carol.chat(group)).lastSeq })
  expect((await carol.chat(group)).me.mentionCount).toBe(0)
})

test('one text mentions at most a hundred people', async () => {
  const crowd = await messages.joinAll(104)
  await newGroup(...crowd)
  for (const [i, { user }] of crowd.entries())
    await messages.usersService.updateUser({ ...user, username: `crowd_${i}` }, 2)
  await eventually(async () => {
    const named = { username: { startsWith: 'crowd_' } }
    expect(await messages.node.ctx.prisma.userReplica.count({ where: named })).toBe(104)
  })
  const text = crowd.map((_, i) => `@crowd_${i}`).join(' ')
  const { body } = await send(alice, { text })
  expect(body.mentions).toEqual(crowd.slice(0, 100).map(({ id }) => id))
})
