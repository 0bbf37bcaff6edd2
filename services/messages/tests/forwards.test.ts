import { type Message, newId, type SendResult, type SyncReply } from '@finnigram/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventsAfter, sendMessage } from './fixture/message-calls.ts'
import { putAttachment } from './fixture/put-attachment.ts'
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
const row = (id: string) => messages.node.ctx.prisma.message.findUniqueOrThrow({ where: { id } })
const uses = (messageId: string) => messages.node.ctx.prisma.attachmentUse.findMany({ where: { messageId } })

test('a forward carries text and files, and mentions nobody', async () => {
  const elsewhere = await messages.group(bob, [alice])
  const picture = await putAttachment(messages, bob)
  const source = await bob.say(elsewhere.id, '@alice see https://example.com', {
    attachmentIds: [picture.id],
  })
  await newGroup(carol)
  const { status, body } = await send(alice, { forwardOf: source.id, attachmentIds: [] })

  expect(status).toBe(201)
  expect(body).toMatchObject({
    senderId: alice.id,
    text: source.text,
    attachments: [picture],
    forwardOf: source.id,
    mentions: [],
  })
  expect((await uses(body.id)).map(({ attachmentId }) => attachmentId)).toEqual([picture.id])
  expect((await row(body.id)).hasLink).toBe(true)
  const own = await send(alice, { forwardOf: source.id, text: 'look, @carol' })
  expect(own.body).toMatchObject({
    text: 'look, @carol',
    attachments: [],
    forwardOf: null,
    mentions: [carol.id],
  })
})

test('text and files of the sender are never attributed to the original author', async () => {
  await newGroup(bob)
  const [picture, own] = [await putAttachment(messages, bob), await putAttachment(messages, alice)]
  const plain = await bob.say(group, 'I like it')
  const shown = await bob.say(group, 'Here', { attachmentIds: [picture.id] })
  const forwardOf = async (body: object) => {
    const sent = await send(alice, body)
    expect([sent.status, (await row(sent.body.id)).forwardOf]).toEqual([201, sent.body.forwardOf])
    return sent.body.forwardOf
  }
  expect(await forwardOf({ forwardOf: plain.id, text: 'I like it' })).toBe(plain.id)
  expect(await forwardOf({ forwardOf: plain.id, text: 'I hate it' })).toBeNull()
  expect(await forwardOf({ forwardOf: plain.id, text: 'I like it', attachmentIds: [own.id] })).toBeNull()
  expect(await forwardOf({ forwardOf: plain.id, attachmentIds: [own.id] })).toBeNull()
  expect(await forwardOf({ forwardOf: shown.id, text: 'Here' })).toBeNull()
})

test('an edited forward is a forward no longer; an edit of the original changes nothing', async () => {
  await newGroup(bob, carol)
  const source = await bob.say(group, 'I like it')
  const { body } = await send(alice, { forwardOf: source.id })
  await bob.call(`PATCH /v1/messages/${source.id}`, { text: 'I hate it' })
  const read = () => carol.call<Message>(`GET /v1/messages/${body.id}`)
  expect((await read()).body).toMatchObject({ text: 'I like it', forwardOf: source.id })

  const edited = await alice.call<Message>(`PATCH /v1/messages/${body.id}`, { text: 'I adore it' })
  expect(edited.body).toMatchObject({ text: 'I adore it', forwardOf: null })
  expect((await read()).body).toEqual(edited.body)
  const told = (await eventsAfter(carol, group)).flatMap((event) =>
    event.type === 'message.created' || event.type === 'message.edited' ? event.data.message : [],
  )
  const marks = told.filter(({ id }) => id === body.id).map(({ forwardOf }) => forwardOf)
  expect(marks).toEqual([null, null])
  const { body: sync } = await carol.call<SyncReply>('POST /v1/sync', { known: {} })
  expect(sync.conversations.find(({ id }) => id === group)?.lastMessage).toMatchObject({ forwardOf: null })
})

test('a message that the sender cannot read now cannot be forwarded', async () => {
  await newGroup(bob, carol)
  const early = await messages.group(alice, [])
  const hidden = await alice.say(early.id, 'before Bob')
  await alice.call(`POST /v1/conversations/${early.id}/participants`, { userIds: [bob.id] })
  const deleted = await alice.say(group, 'oops')
  await alice.call(`DELETE /v1/messages/${deleted.id}`)
  const { items } = (await alice.call<{ items: Message[] }>(`GET /v1/conversations/${early.id}/messages`))
    .body
  const notice = items.find(({ kind }) => kind === 'system')
  const left = await alice.say(group, 'Carol is here')
  await alice.call(`DELETE /v1/conversations/${group}/participants/${carol.id}`)
  const notes = await messages.direct(carol, carol)

  for (const forwardOf of [hidden.id, deleted.id, notice?.id, newId()]) {
    const refused = await send(bob, { forwardOf })
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ path: 'body.forwardOf' }] } })
  }
  expect((await send(carol, { forwardOf: left.id }, notes.id)).status).toBe(400)
})

test('a batch may forward a message of its own, into another conversation, too', async () => {
  await newGroup(bob)
  const notes = await messages.direct(alice, alice)
  for (let round = 0; round < 10; round += 1) {
    const [one, two] = [newId(), newId()]
    const { body } = await alice.call<{ items: SendResult[] }>('POST /v1/messages', {
      messages: [
        { id: one, conversationId: group, text: `round ${round}` },
        { id: two, conversationId: notes.id, forwardOf: one },
        { id: newId(), conversationId: group, forwardOf: two },
      ],
    })
    expect(body.items.map(({ status }) => status)).toEqual([201, 201, 201])
    expect(body.items[2]?.message?.text).toBe(`round ${round}`)
  }
})

test('messages that forward each other wait for nothing', async () => {
  await newGroup()
  const [one, two] = [newId(), newId()]
  const queue = [
    { id: one, conversationId: group, forwardOf: two },
    { id: two, conversationId: group, forwardOf: one },
    { id: one, conversationId: group, forwardOf: one, text: 'x' },
  ]
  const { body } = await alice.call<{ items: SendResult[] }>('POST /v1/messages', { messages: queue })
  expect(body.items.map(({ status }) => status)).toEqual([400, 400, 400])
})
