import {
  type Conversation,
  type ConversationEvent,
  type Message,
  newId,
  type SendResult,
} from '@finnigram/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { MessagesService } from '../src/service.ts'
import { type Person, startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'

let messages: TestMessages
beforeAll(async () => {
  messages = await startTestMessages({ count: 2 })
})
afterAll(() => messages[Symbol.asyncDispose]())

const nodeOf = (i: number): MessagesService => messages.nodes[i % messages.nodes.length] ?? messages.node

const history = async (person: Person, chatId: string) => {
  const { body } = await person.call<{ items: ConversationEvent[] }>(
    `GET /v1/conversations/${chatId}/events?limit=1000`,
  )
  return body.items
}

test('the same id at the same moment on two nodes is stored once', async () => {
  const [alice, bob] = [await messages.join(), await messages.join()]
  const chat = await messages.direct(alice, bob)
  for (let round = 0; round < 10; round += 1) {
    const body = { id: newId(), text: `round ${round}` }
    const replies = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        alice.call<Message>(`POST /v1/conversations/${chat.id}/messages`, body, nodeOf(i)),
      ),
    )
    expect(replies.map(({ status }) => status).toSorted()).toEqual([...Array(7).fill(200), 201])
    expect(new Set(replies.map((reply) => JSON.stringify(sorted(reply.body)))).size).toBe(1)
  }
  expect(await alice.chat(chat.id)).toMatchObject({ lastSeq: 10, version: 11 })
})

const sorted = (value: object) => Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))

test('the same id at the same moment in many conversations goes into one, and leaves no hole in the others', async () => {
  const alice = await messages.join()
  const chats = await Promise.all(Array.from({ length: 8 }, () => messages.group(alice)))
  for (let round = 0; round < 15; round += 1) {
    const ids = [newId(), newId(), newId()]
    const batches = await Promise.all(
      chats.map(({ id: conversationId }, i) => {
        const queue = (i % 2 ? ids : ids.toReversed()).map((id) => ({ conversationId, id, text: 'x' }))
        return alice.call<{ items: SendResult[] }>('POST /v1/messages', { messages: queue }, nodeOf(i))
      }),
    )
    const statuses = batches.flatMap(({ body }) => body.items.map(({ status }) => status))
    expect(statuses.filter((status) => status === 201)).toHaveLength(ids.length)
    expect(statuses.filter((status) => status === 409)).toHaveLength(ids.length * (chats.length - 1))
  }
  const after = await Promise.all(chats.map(({ id }) => alice.chat(id)))
  expect(after.reduce((sum, { lastSeq }) => sum + lastSeq, 0)).toBe(45)
  for (const { id, lastSeq, version } of after) {
    expect(version).toBe(lastSeq + 1)
    expect((await history(alice, id)).map((event) => event.version)).toEqual(
      Array.from({ length: version }, (_, i) => i + 1),
    )
  }
})

test('while people send, come and go on two nodes, seq and version stay dense and each keeps their order', async () => {
  const [owner, ...members] = await messages.joinAll(7)
  if (!owner) throw new Error('Nobody came')
  const chat = await messages.group(owner, members)
  const stored = await Promise.all([
    ...members.map((member, i) => talk(member, chat, i)),
    comeAndGo(owner, members.slice(0, 3), chat),
  ])
  const events = await history(owner, chat.id)
  const { version, lastSeq } = await owner.chat(chat.id)
  const sent = events.flatMap((event) => (event.type === 'message.created' ? event.data.message : []))

  expect(events.map((event) => event.version)).toEqual(Array.from({ length: version }, (_, i) => i + 1))
  expect(sent.map(({ seq }) => seq)).toEqual(Array.from({ length: lastSeq }, (_, i) => i + 1))
  const texts = sent.filter(({ kind }) => kind === 'text')
  expect(texts.map(({ id }) => id).toSorted()).toEqual(stored.flat().toSorted())
  for (const member of members) {
    const own = texts.filter(({ senderId }) => senderId === member.id).map(({ text }) => Number(text))
    expect(own).toEqual(own.toSorted((a, b) => a - b))
  }
  expectSendersInside(events, members)
})

/** Sends on two nodes in turn, each after the answer to the one before; returns what was stored. */
async function talk(member: Person, { id: chatId }: Conversation, turn: number): Promise<string[]> {
  const stored: string[] = []
  for (let i = 0; i < 40; i += 1) {
    const body = { id: newId(), text: String(i) }
    const reply = await member.call(`POST /v1/conversations/${chatId}/messages`, body, nodeOf(i + turn))
    expect([201, 404]).toContain(reply.status)
    if (reply.status === 201) stored.push(body.id)
  }
  return stored
}

async function comeAndGo(owner: Person, members: Person[], { id: chatId }: Conversation): Promise<string[]> {
  for (let i = 0; i < 12; i += 1) {
    const member = members[i % members.length]
    if (!member) continue
    const path = `/v1/conversations/${chatId}/participants`
    await owner.call(`DELETE ${path}/${member.id}`, undefined, nodeOf(i))
    await owner.call(`POST ${path}`, { userIds: [member.id] }, nodeOf(i + 1))
  }
  return []
}

/** In the order of versions, nobody says anything between their removal and their return. */
function expectSendersInside(events: ConversationEvent[], members: Person[]): void {
  const inside = new Set(members.map(({ id }) => id))
  for (const event of events) {
    if (event.type === 'participant.removed') inside.delete(event.data.userId)
    if (event.type === 'participant.added') inside.add(event.data.participant.userId)
    if (event.type === 'message.created' && event.data.message.kind === 'text') {
      expect(inside.has(event.actorId)).toBe(true)
    }
  }
}
