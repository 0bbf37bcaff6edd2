import {
  type Conversation,
  type ConversationEvent,
  Fleeting,
  fleetingChannel,
  type Participant,
  type SyncReply,
} from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Person, startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'

let messages: TestMessages
let alice: Person
let shy: Person
let group: Conversation
beforeAll(async () => {
  messages = await startTestMessages()
})
afterAll(() => messages[Symbol.asyncDispose]())
beforeEach(async () => {
  alice = await messages.join('Alice')
  shy = await messages.join('Shy')
  await messages.usersService.updateUser(shy.user, 2, { readReceipts: false })
  await eventually(async () =>
    expect(await messages.node.ctx.prisma.userReplica.findUnique({ where: { id: shy.id } })).toMatchObject({
      hidesReads: true,
    }),
  )
  group = await messages.group(alice, [shy])
  for (const text of ['one', 'two', 'three']) await alice.say(group.id, text)
})

const mark = (person: Person, kind: 'read' | 'delivered', seq: number) =>
  person.call(`POST /v1/conversations/${group.id}/${kind}`, { seq })
const shyAsSeenBy = async (viewer: Person): Promise<Participant[]> => {
  const path = `/v1/conversations/${group.id}`
  const list = await viewer.call<{ items: Participant[] }>(`GET ${path}/participants`)
  const { participants } = await viewer.chat(group.id)
  return [...participants, ...list.body.items].filter(({ userId }) => userId === shy.id)
}

test('of a person who hides read receipts, others see only deliveries', async () => {
  await mark(shy, 'read', 2)
  for (const seen of await shyAsSeenBy(alice))
    expect(seen).toMatchObject({ lastReadSeq: 0, lastDeliveredSeq: 2 })
  for (const own of await shyAsSeenBy(shy)) expect(own).toMatchObject({ lastReadSeq: 2, lastDeliveredSeq: 2 })
  expect((await shy.chat(group.id)).me).toMatchObject({ lastReadSeq: 2, unreadCount: 1 })
  const path = `/v1/conversations/${group.id}/participants/${shy.id}`
  const { body } = await alice.call<Participant>(`PATCH ${path}`, { role: 'admin' })
  expect(body).toMatchObject({ lastReadSeq: 0, lastDeliveredSeq: 2 })
})

test('joining reveals no hidden read receipt', async () => {
  await alice.call(`DELETE /v1/conversations/${group.id}/participants/${shy.id}`)
  await alice.call(`POST /v1/conversations/${group.id}/participants`, { userIds: [shy.id] })
  const { body } = await alice.call<{ items: ConversationEvent[] }>(
    `GET /v1/conversations/${group.id}/events?after=6`,
  )
  expect(body.items).toMatchObject([
    { type: 'message.created' },
    { type: 'participant.added', data: { participant: { userId: shy.id, lastReadSeq: 0 } } },
  ])
})

test('hidden reads go only to the person’s own devices', async () => {
  const redis = new Redis(messages.redis.url)
  const heard: object[] = []
  redis.on('message', (_channel, text: string) => {
    const message = Fleeting.parse(JSON.parse(text))
    if (message.t === 'markers')
      heard.push(...message.data.filter(({ conversationId }) => conversationId === group.id))
  })
  await redis.subscribe(fleetingChannel)
  try {
    const base = { conversationId: group.id, userId: shy.id }
    await mark(shy, 'read', 2)
    await eventually(() =>
      expect(heard).toEqual([
        { ...base, deliveredSeq: 2 },
        { ...base, readSeq: 2, isOwnOnly: true },
      ]),
    )
    await mark(shy, 'delivered', 3)
    await mark(shy, 'read', 3)
    await eventually(() =>
      expect(heard.slice(2)).toEqual([
        { ...base, deliveredSeq: 3 },
        { ...base, readSeq: 3, isOwnOnly: true },
      ]),
    )
  } finally {
    redis.disconnect()
  }
})

test('a sync does not reveal the time of a hidden read', async () => {
  const since = async (person: Person) =>
    (await person.call<SyncReply>('POST /v1/sync', { known: {} })).body.cursor
  const [ofAlice, ofShy] = [await since(alice), await since(shy)]
  await mark(shy, 'delivered', 3)
  const known = { [group.id]: 4 }
  const syncOf = async (person: Person, cursor: string) =>
    (await person.call<SyncReply>('POST /v1/sync', { known, since: cursor })).body
  const marker = { conversationId: group.id, userId: shy.id, deliveredSeq: 3 }
  expect((await syncOf(alice, ofAlice)).markers).toEqual([marker])

  await messages.node.ctx.pool.query(
    `UPDATE participants SET marker_at = marker_at - interval '1 hour' WHERE conversation_id = $1`,
    [group.id],
  )
  await mark(shy, 'read', 3)
  expect((await syncOf(alice, ofAlice)).markers).toEqual([])
  expect(await syncOf(shy, ofShy)).toMatchObject({
    me: [{ conversationId: group.id, me: { lastReadSeq: 3, unreadCount: 0 } }],
  })
})
