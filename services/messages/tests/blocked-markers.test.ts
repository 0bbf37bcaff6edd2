import {
  type Conversation,
  Fleeting,
  fleetingChannel,
  type Marker,
  type Participant,
  type SyncReply,
} from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { findBlocked } from '../src/people/find-people.ts'
import { type Person, startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'

let messages: TestMessages
let redis: Redis
let heard: (Marker & { isOwnOnly?: boolean | undefined })[] = []
beforeAll(async () => {
  messages = await startTestMessages()
  redis = new Redis(messages.redis.url)
  redis.on('message', (_channel, text: string) => {
    const message = Fleeting.parse(JSON.parse(text))
    if (message.t === 'markers') heard.push(...message.data)
  })
  await redis.subscribe(fleetingChannel)
})
afterAll(async () => {
  redis.disconnect()
  await messages[Symbol.asyncDispose]()
})

let alice: Person
let bob: Person
let chat: Conversation
/** Five messages of Alice's, of which Bob has read one and received two. */
beforeEach(async () => {
  alice = await messages.join('Alice')
  bob = await messages.join('Bob')
  chat = await messages.direct(alice, bob)
  for (const text of ['one', 'two', 'three', 'four', 'five']) await alice.say(chat.id, text)
  await mark(bob, 'read', 1)
  await mark(bob, 'delivered', 2)
  heard = []
})

const mark = async (person: Person, kind: 'read' | 'delivered', seq: number, where = chat) => {
  expect((await person.call(`POST /v1/conversations/${where.id}/${kind}`, { seq })).status).toBe(204)
}
const block = async (who: Person, whom: Person) => {
  await messages.usersService.block(who.id, whom.id)
  await heardOf(true)
}
const unblock = async (who: Person, whom: Person) => {
  await messages.usersService.unblock(who.id, whom.id)
  await heardOf(false)
}
const heardOf = (expected: boolean) =>
  eventually(async () => {
    const blocked = await findBlocked(messages.node.ctx.pool, alice.id, [bob.id])
    expect(blocked.size === 1).toBe(expected)
  })
const bobAsSeenBy = async (viewer: Person, where = chat) => {
  const { participants } = await viewer.chat(where.id)
  const list = `GET /v1/conversations/${where.id}/participants`
  const { items } = (await viewer.call<{ items: Participant[] }>(list)).body
  const seen = [...participants, ...items].filter(({ userId }) => userId === bob.id)
  return seen.map(({ lastReadSeq, lastDeliveredSeq }) => [lastReadSeq, lastDeliveredSeq])
}
const cursorOf = async (person: Person) =>
  (await person.call<SyncReply>('POST /v1/sync', { known: {} })).body.cursor
const syncOf = async (person: Person, since: string) => {
  const { version } = await person.chat(chat.id)
  return (await person.call<SyncReply>('POST /v1/sync', { known: { [chat.id]: version }, since })).body
}
/** As if all that moved had moved long ago, so that a sync tells only what moves from now on. */
const forgetTimes = () =>
  messages.node.ctx.pool.query("UPDATE participants SET marker_at = now() - interval '1 hour', me_at = NULL")

test.each([
  ['the reader blocked the other', () => block(bob, alice)],
  ['the other blocked the reader', () => block(alice, bob)],
])('while %s, their markers stand still for the other and move for their own devices', async (_, begin) => {
  await begin()
  await forgetTimes()
  const [ofAlice, ofBob] = [await cursorOf(alice), await cursorOf(bob)]
  await mark(bob, 'read', 4)

  expect(await bobAsSeenBy(alice)).toEqual([
    [1, 2],
    [1, 2],
  ])
  expect(await bobAsSeenBy(bob)).toEqual([
    [4, 4],
    [4, 4],
  ])
  expect((await syncOf(alice, ofAlice)).markers).toEqual([])
  expect((await syncOf(bob, ofBob)).me).toMatchObject([{ me: { lastReadSeq: 4, unreadCount: 1 } }])
  const own = { conversationId: chat.id, userId: bob.id, readSeq: 4, deliveredSeq: 4, isOwnOnly: true }
  const moved = () => heard.filter(({ deliveredSeq = 0 }) => deliveredSeq > 2)
  await eventually(() => expect(moved()).toEqual([own]))
})

test('once the block is taken back, the other is told where the markers are by now', async () => {
  await block(bob, alice)
  await mark(bob, 'read', 4)
  await forgetTimes()
  const since = await cursorOf(alice)
  heard = []
  await unblock(bob, alice)

  const present = { conversationId: chat.id, userId: bob.id, readSeq: 4, deliveredSeq: 4 }
  await eventually(() => expect(heard).toContainEqual(present))
  expect((await syncOf(alice, since)).markers).toContainEqual(present)
  expect((await bobAsSeenBy(alice))[0]).toEqual([4, 4])
  await mark(bob, 'read', 5)
  await eventually(() => expect(heard).toContainEqual({ ...present, readSeq: 5, deliveredSeq: 5 }))
})

test('markers stand still until the last of two blocks is taken back, and where they were when the first was made', async () => {
  await block(bob, alice)
  await mark(bob, 'read', 3)
  await block(alice, bob)
  await mark(bob, 'read', 4)
  await messages.usersService.unblock(bob.id, alice.id)
  await eventually(async () => {
    const { rows } = await messages.node.ctx.pool.query(
      'SELECT FROM blocks WHERE user_id = $1 AND NOT in_force',
      [bob.id],
    )
    expect(rows).toHaveLength(1)
  })
  expect((await bobAsSeenBy(alice))[0]).toEqual([1, 2])
  await unblock(alice, bob)
  await eventually(async () => expect((await bobAsSeenBy(alice))[0]).toEqual([4, 4]))
})

test('in a group both stay in, markers move as ever', async () => {
  const group = await messages.group(alice, [bob])
  await alice.say(group.id, 'one')
  await block(bob, alice)
  await mark(bob, 'read', 1, group)
  expect(await bobAsSeenBy(alice, group)).toEqual([
    [1, 1],
    [1, 1],
  ])
})

test('who hides what they have read hides it also once a block is taken back', async () => {
  await messages.usersService.updateUser(bob.user, 2, { readReceipts: false })
  await eventually(async () => expect((await bobAsSeenBy(alice))[0]).toEqual([0, 2]))
  await block(bob, alice)
  await mark(bob, 'read', 4)
  heard = []
  await unblock(bob, alice)
  const delivered = { conversationId: chat.id, userId: bob.id, deliveredSeq: 4 }
  await eventually(() => expect(heard).toContainEqual(delivered))
  expect(heard.filter(({ userId, isOwnOnly }) => userId === bob.id && !isOwnOnly)).toEqual([delivered])
})
