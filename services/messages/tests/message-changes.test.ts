import {
  type ConversationEvent,
  type Message,
  newId,
  type Problem,
  type SyncReply,
} from '@finnigram/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { block } from './fixture/block.ts'
import { putAttachment } from './fixture/put-attachment.ts'
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
const edit = (person: Person, { id }: { id: string }, text: string) =>
  person.call<Message & Problem>(`PATCH /v1/messages/${id}`, { text })
const remove = (person: Person, { id }: { id: string }) => person.call<Problem>(`DELETE /v1/messages/${id}`)
const read = async (person: Person, { id }: { id: string }) =>
  (await person.call<Message>(`GET /v1/messages/${id}`)).body
const events = async (person = alice, after = 0) =>
  (
    await person.call<{ items: ConversationEvent[] }>(
      `GET /v1/conversations/${group}/events?after=${after}&limit=1000`,
    )
  ).body.items

/** Everything that somebody who was away from the first event on is told of the conversation. */
const told = async (person = alice) => {
  const { body } = await person.call<SyncReply>('POST /v1/sync', { known: { [group]: 1 } })
  return JSON.stringify([await events(person), body])
}
const expectDense = async () => {
  const { version } = await alice.chat(group)
  expect((await events()).map((event) => event.version)).toEqual(
    Array.from({ length: version }, (_, i) => i + 1),
  )
}

test('changing messages requires sign-in', async () => {
  const path = `/v1/messages/${newId()}`
  for (const request of [`PATCH ${path}`, `DELETE ${path}`]) {
    expect(await messages.call(request, { body: { text: 'x' } })).toMatchObject({
      status: 401,
      body: { code: 'unauthenticated' },
    })
  }
})

test('an author changes the text, and everyone hears of it', async () => {
  await newGroup()
  const message = await alice.say(group, 'helo @bob')
  const before = await alice.chat(group)
  const { status, body } = await edit(alice, message, 'hello @carol, https://example.com')

  expect(status).toBe(200)
  expect(body).toEqual({
    ...message,
    version: before.version + 1,
    text: 'hello @carol, https://example.com',
    mentions: [carol.id],
    editedAt: expect.any(String),
  })
  expect(await read(bob, message)).toEqual(body)
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

test('a text that stays as it is makes no event', async () => {
  await newGroup()
  const message = await alice.say(group, 'Café')
  expect(await edit(alice, message, 'Cafe\u0301')).toMatchObject({ status: 200, body: message })
  expect((await alice.chat(group)).version).toBe(2)
})

test('only the author edits, and neither what is deleted nor what the system says', async () => {
  await newGroup()
  const message = await bob.say(group, 'mine')
  expect(await edit(alice, message, 'yours')).toMatchObject({ status: 403, body: { code: 'forbidden' } })
  await remove(bob, message)
  expect(await edit(bob, message, 'back')).toMatchObject({ status: 409, body: { code: 'conflict' } })
  await alice.call(`PATCH /v1/conversations/${group}`, { title: 'Renamed' })
  const notice = (await alice.chat(group)).lastMessage
  expect(notice?.kind).toBe('system')
  expect(await edit(alice, notice ?? { id: '' }, 'x')).toMatchObject({
    status: 409,
    body: { code: 'conflict' },
  })
  for (const person of [alice, bob]) {
    expect(await remove(person, notice ?? { id: '' })).toMatchObject({ status: 403 })
  }
  const empty = await edit(bob, message, '  ')
  expect(empty).toMatchObject({ status: 400, body: { errors: [{ path: 'body.text' }] } })
})

test('a message that one cannot see is not there to be changed', async () => {
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
    expect((await edit(person, one, 'x')).status).toBe(404)
    expect((await remove(person, one)).status).toBe(404)
  }
})

test('nobody is told what was written before an edit, however often it came', async () => {
  await newGroup()
  const message = await alice.say(group, 'secret 0 @bob')
  const answer = await bob.say(group, 'What?', { replyToId: message.id })
  expect(answer.replyTo?.excerpt).toBe('secret 0 @bob')
  for (let i = 1; i <= 5; i += 1) await edit(alice, message, `secret ${i}`)
  await edit(alice, message, 'public')

  expect(await told()).not.toContain('secret')
  expect((await read(bob, answer)).replyTo?.excerpt).toBe('public')
  expect((await read(bob, answer)).editedAt).toBeNull()
  const row = await messages.node.ctx.prisma.message.findUniqueOrThrow({ where: { id: message.id } })
  expect(row.textVersions).toHaveLength(2)
  await expectDense()
})

test('the end of a long text changes without its answers', async () => {
  await newGroup()
  const long = 'word '.repeat(100)
  const message = await alice.say(group, `${long}one`)
  const answer = await bob.say(group, 'Long', { replyToId: message.id })
  const { version } = await alice.chat(group)
  await edit(alice, message, `${long}two`)
  expect((await alice.chat(group)).version).toBe(version + 1)
  expect(await read(bob, answer)).toEqual(answer)
})

test('a deleted message leaves its place, and nothing of what it said anywhere', async () => {
  await newGroup()
  const [picture, question] = [
    await putAttachment(messages, bob, { name: 'secret.jpg' }),
    await alice.say(group, 'Q'),
  ]
  const message = await bob.say(group, 'secret @alice', {
    attachmentIds: [picture.id],
    replyToId: question.id,
    forwardOf: question.id,
  })
  const answer = await carol.say(group, 'Really?', { replyToId: message.id })
  const second = await carol.say(group, 'And?', { replyToId: answer.id })
  await edit(bob, message, 'secret, edited @alice')
  await alice.call(`PUT /v1/messages/${message.id}/reactions/${encodeURIComponent('👍')}`)
  await carol.call(`PUT /v1/messages/${message.id}/pin`)
  await carol.call(`PUT /v1/messages/${message.id}/star`)
  const { version, me } = await alice.chat(group)
  expect(me.mentionCount).toBe(1)
  expect((await remove(bob, message)).status).toBe(204)

  const told = (await events(alice, version)).find(({ type }) => type === 'message.deleted')
  expect(told).toMatchObject({ actorId: bob.id, data: { id: message.id, seq: message.seq } })
  expect(await read(alice, message)).toEqual({
    ...message,
    version: told?.version,
    text: null,
    attachments: [],
    replyTo: null,
    forwardOf: null,
    mentions: [],
    reactions: [],
    editedAt: null,
    deletedAt: told?.at,
  })
  expect((await alice.chat(group)).me).toMatchObject({ mentionCount: 0, unreadCount: me.unreadCount - 1 })
  expect((await read(alice, answer)).replyTo).toEqual({ ...answer.replyTo, excerpt: '' })
  expect(await read(alice, second)).toEqual(second)
  await expectNothingLeft(message.id)
  await expectDense()
})

async function expectNothingLeft(messageId: string): Promise<void> {
  const { mention, pin, star, attachmentUse } = messages.node.ctx.prisma
  expect(await told()).not.toMatch(/secret|👍 /)
  expect(await mention.count({ where: { conversationId: group } })).toBe(0)
  const hanging = [
    await pin.count({ where: { messageId } }),
    await star.count({ where: { messageId } }),
    await attachmentUse.count({ where: { messageId } }),
  ]
  expect(hanging).toEqual([0, 0, 0])
  expect(await messages.node.ctx.prisma.attachment.count({ where: { name: 'secret.jpg' } })).toBe(0)
}

test('deleting again is done already, and makes no event', async () => {
  await newGroup()
  const message = await bob.say(group, 'x')
  expect((await remove(bob, message)).status).toBe(204)
  const { version } = await bob.chat(group)
  expect((await remove(bob, message)).status).toBe(204)
  expect((await remove(alice, message)).status).toBe(204)
  expect((await remove(carol, message)).status).toBe(403)
  expect((await bob.chat(group)).version).toBe(version)
})

test('owners and admins delete what others wrote in a group; members, and the other of two, do not', async () => {
  await newGroup()
  await alice.call(`PATCH /v1/conversations/${group}/participants/${bob.id}`, { role: 'admin' })
  const [one, two] = [await carol.say(group, 'one'), await carol.say(group, 'two')]
  const own = await alice.say(group, 'of the owner')
  expect((await remove(carol, own)).status).toBe(403)
  expect((await remove(bob, one)).status).toBe(204)
  expect((await remove(alice, two)).status).toBe(204)
  expect((await remove(bob, own)).status).toBe(204)
  const direct = await messages.direct(alice, bob)
  const theirs = await bob.say(direct.id, 'x')
  expect((await remove(alice, theirs)).status).toBe(403)
})

test('with a thousand answers a message is edited and deleted in bounded steps, and none quotes it in the end', async () => {
  await newGroup()
  const message = await alice.say(group, 'secret')
  for (let i = 0; i < 11; i += 1) {
    const queue = Array.from({ length: 100 }, (_, n) => ({
      id: newId(),
      conversationId: group,
      text: `answer ${i * 100 + n}`,
      replyToId: message.id,
    }))
    expect((await bob.call('POST /v1/messages', { messages: queue })).status).toBe(200)
  }
  const excerpts = async () => {
    const { rows } = await messages.node.ctx.pool.query<{ excerpt: string; count: number }>(
      `SELECT reply_to->>'excerpt' AS excerpt, count(*)::int FROM messages
WHERE conversation_id = $1 AND reply_to IS NOT NULL GROUP BY 1 ORDER BY 1`,
      [group],
    )
    return rows
  }
  await edit(alice, message, 'public')
  expect(await excerpts()).toEqual([
    { excerpt: '', count: 1000 },
    { excerpt: 'public', count: 100 },
  ])
  const { version } = await alice.chat(group)
  await edit(alice, message, 'again')
  expect((await alice.chat(group)).version).toBe(version + 101)
  await remove(alice, message)
  expect(await excerpts()).toEqual([{ excerpt: '', count: 1100 }])
  const { rows } = await messages.node.ctx.pool.query(
    "SELECT version FROM conversation_events WHERE conversation_id = $1 AND payload ~ 'secret|public|again'",
    [group],
  )
  expect(rows).toEqual([])
})

test('between two of whom one blocked the other nothing is edited, reacted to or pinned, but deleted', async () => {
  const [dave, erin] = [await messages.join('Dave'), await messages.join('Erin')]
  group = (await messages.direct(dave, erin)).id
  const message = await dave.say(group, 'x')
  await block(messages, erin, { other: dave })
  const path = `/v1/messages/${message.id}`
  const forbidden = { status: 403, body: { code: 'forbidden' } }
  expect(await edit(dave, message, 'y')).toMatchObject(forbidden)
  for (const what of [`reactions/${encodeURIComponent('👍')}`, 'pin']) {
    expect(await dave.call(`PUT ${path}/${what}`)).toMatchObject(forbidden)
  }
  expect((await dave.chat(group)).version).toBe(2)
  expect((await remove(dave, message)).status).toBe(204)
})
