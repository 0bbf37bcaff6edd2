import { type ConversationEvent, type Message, newId } from '@finnigram/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { MessagesService } from '../src/service.ts'
import { putAttachment } from './fixture/put-attachment.ts'
import { type Person, startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'

let messages: TestMessages
let owner: Person
let members: Person[]
let group: string
beforeAll(async () => {
  messages = await startTestMessages({ count: 2 })
  const [first, ...others] = await messages.joinAll(6)
  if (!first) throw new Error('Nobody came')
  ;[owner, members] = [first, others]
})
afterAll(() => messages[Symbol.asyncDispose]())

const newGroup = async () => {
  group = (await messages.group(owner, members)).id
}
const nodeOf = (i: number): MessagesService => messages.nodes[i % messages.nodes.length] ?? messages.node
const thumb = encodeURIComponent('👍')
const read = async ({ id }: { id: string }) => (await owner.call<Message>(`GET /v1/messages/${id}`)).body

/** All events, checked for dense versions. */
async function denseEvents(): Promise<ConversationEvent[]> {
  const { version, lastSeq } = await owner.chat(group)
  const { body } = await owner.call<{ items: ConversationEvent[] }>(
    `GET /v1/conversations/${group}/events?limit=1000`,
  )
  expect(body.items.map((event) => event.version)).toEqual(Array.from({ length: version }, (_, i) => i + 1))
  const seqs = body.items.flatMap((event) => (event.type === 'message.created' ? event.data.message.seq : []))
  expect(seqs).toEqual(Array.from({ length: lastSeq }, (_, i) => i + 1))
  return body.items
}
const count = (events: ConversationEvent[], type: ConversationEvent['type']) =>
  events.filter((event) => event.type === type).length

test('concurrent reactions are all stored', async () => {
  await newGroup()
  const message = await owner.say(group, 'news')
  for (const method of ['PUT', 'DELETE', 'PUT']) {
    const replies = await Promise.all(
      members.flatMap((member, i) =>
        ['👍', '❤️', '🎉'].flatMap((emoji) => {
          const request = `${method} /v1/messages/${message.id}/reactions/${encodeURIComponent(emoji)}`
          return [member.call(request, undefined, nodeOf(i)), member.call(request, undefined, nodeOf(i + 1))]
        }),
      ),
    )
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([204]))
  }
  const { reactions } = await read(message)
  expect(reactions.map(({ emoji }) => emoji).toSorted()).toEqual(['👍', '❤️', '🎉'].toSorted())
  for (const { userIds } of reactions) {
    expect(userIds.toSorted()).toEqual(members.map(({ id }) => id).toSorted())
  }
  const events = await denseEvents()
  expect([count(events, 'reaction.added'), count(events, 'reaction.removed')]).toEqual([30, 15])
})

test('concurrent edits are serialized, and the last one wins', async () => {
  await newGroup()
  const message = await owner.say(group, 'news')
  const replies = await Promise.all(
    Array.from({ length: 10 }, (_, i) =>
      owner.call(`PATCH /v1/messages/${message.id}`, { text: `edit ${i}` }, nodeOf(i)),
    ),
  )
  expect(replies.map(({ status }) => status)).toEqual(Array(10).fill(200))
  const { text, version } = await read(message)
  const events = await denseEvents()
  const last = events.findLast(({ type }) => type === 'message.edited')
  expect(last).toMatchObject({ version, data: { message: { text } } })
  expect(events[1]).toMatchObject({ type: 'message.created', data: { message: { text } } })
})

test('changes concurrent with a deletion end in an empty tombstone', async () => {
  await newGroup()
  for (let round = 0; round < 8; round += 1) {
    const picture = await putAttachment(messages, owner)
    const message = await owner.say(group, `secret ${round}`, { attachmentIds: [picture.id] })
    const path = `/v1/messages/${message.id}`
    const replies = await Promise.all([
      ...members.map((member, i) => member.call(`PUT ${path}/reactions/${thumb}`, undefined, nodeOf(i))),
      owner.call(`PATCH ${path}`, { text: `secret ${round}, edited` }, nodeOf(round)),
      ...members.slice(0, 2).map((member, i) => member.call(`PUT ${path}/pin`, undefined, nodeOf(i))),
      ...members.map((member, i) => member.call(`PUT ${path}/star`, undefined, nodeOf(i))),
      members[0]?.call(`POST /v1/conversations/${group}/messages`, {
        id: newId(),
        text: 'answer',
        replyToId: message.id,
      }),
      members[1]?.call(`POST /v1/conversations/${group}/messages`, { id: newId(), forwardOf: message.id }),
      owner.call(`DELETE ${path}`, undefined, nodeOf(round)),
      owner.call(`DELETE ${path}`, undefined, nodeOf(round + 1)),
    ])
    for (const reply of replies) expect([200, 201, 204, 400, 409]).toContain(reply?.status)
    expect(await read(message)).toMatchObject({ text: null, attachments: [], reactions: [], mentions: [] })
    await expectNothingOn(message)
  }
  const events = await denseEvents()
  expect(count(events, 'message.deleted')).toBe(8)
  const forwarded = events.filter(
    (event) => event.type === 'message.created' && event.data.message.forwardOf !== null,
  )
  const others = events.filter((event) => !forwarded.includes(event))
  expect(JSON.stringify(others)).not.toContain('secret')
})

async function expectNothingOn({ id: messageId }: { id: string }): Promise<void> {
  const { pin, star, attachmentUse } = messages.node.ctx.prisma
  const where = { where: { messageId } }
  expect([await pin.count(where), await star.count(where), await attachmentUse.count(where)]).toEqual([
    0, 0, 0,
  ])
}

test('concurrent pins of a message emit one event and one system message', async () => {
  await newGroup()
  const message = await owner.say(group, 'rules')
  const replies = await Promise.all(
    members.map((member, i) => member.call(`PUT /v1/messages/${message.id}/pin`, undefined, nodeOf(i))),
  )
  expect(replies.map(({ status }) => status)).toEqual(members.map(() => 204))
  const events = await denseEvents()
  expect(count(events, 'message.pinned')).toBe(1)
  expect((await owner.chat(group)).lastSeq).toBe(message.seq + 1)
})

test('of concurrent pins at the bound, one is stored', async () => {
  await newGroup()
  const queue = Array.from({ length: 100 }, () => ({ id: newId(), conversationId: group, text: 'x' }))
  await owner.call('POST /v1/messages', { messages: queue })
  const [one, two] = [await owner.say(group, 'one'), await owner.say(group, 'two')]
  for (const { id } of queue.slice(1)) await owner.call(`PUT /v1/messages/${id}/pin`)
  const replies = await Promise.all(
    [one, two].map(({ id }, i) => owner.call(`PUT /v1/messages/${id}/pin`, undefined, nodeOf(i))),
  )
  expect(replies.map(({ status }) => status).toSorted()).toEqual([204, 409])
  await denseEvents()
})

test('a removed participant changes nothing afterwards', async () => {
  await newGroup()
  const [member] = members
  if (!member) throw new Error('Nobody came')
  for (let round = 0; round < 6; round += 1) {
    const message = await member.say(group, 'mine')
    const path = `/v1/messages/${message.id}`
    const replies = await Promise.all([
      owner.call(`DELETE /v1/conversations/${group}/participants/${member.id}`),
      member.call(`PATCH ${path}`, { text: 'changed' }, nodeOf(round)),
      member.call(`PUT ${path}/reactions/${thumb}`, undefined, nodeOf(round + 1)),
      member.call(`PUT ${path}/pin`, undefined, nodeOf(round)),
      member.call(`POST /v1/conversations/${group}/messages`, { id: newId(), text: 'x' }, nodeOf(round + 1)),
      member.call(`DELETE ${path}`, undefined, nodeOf(round)),
    ])
    for (const { status } of replies) expect([200, 201, 204, 404, 409]).toContain(status)
    await owner.call(`POST /v1/conversations/${group}/participants`, { userIds: [member.id] })
  }
  let isInside = true
  for (const event of await denseEvents()) {
    if (event.type === 'participant.removed') isInside = false
    if (event.type === 'participant.added') isInside = true
    if (event.actorId === member.id) expect(isInside).toBe(true)
  }
})
