import { acknowledgedForMs, acknowledgedKey, readEventData, readsStream } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { Redis } from 'ioredis'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeReachable } from './fixture/make-reachable.ts'
import { type Person, startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'

let messages: TestMessages
let redis: Redis
beforeAll(async () => {
  messages = await startTestMessages()
  redis = new Redis(messages.redis.url)
  redis.on('error', () => {})
})
afterAll(async () => {
  redis.disconnect()
  await messages[Symbol.asyncDispose]()
})

const chatOf = async (texts: number) => {
  const [alice, bob] = (await messages.joinAll(2)) as [Person, Person]
  const { id: conversationId } = await messages.direct(alice, bob)
  for (let i = 0; i < texts; i += 1) await alice.say(conversationId, `#${i}`)
  return { alice, bob, conversationId }
}
const mark = (person: Person, conversationId: string, kind: 'read' | 'delivered', seq: number) =>
  person.call(`POST /v1/conversations/${conversationId}/${kind}`, { seq })
/** The published reads of a conversation, each checked against the contract. */
const readsIn = async (conversationId: string) => {
  const entries = await redis.xrange(readsStream, '-', '+')
  const facts = entries.map(([, [, type, , key, , payload = '']]) => {
    expect(type).toBe('conversation.read')
    const fact = readEventData['conversation.read'].parse(JSON.parse(payload))
    expect(key).toBe(fact.userId)
    return fact
  })
  return facts.filter((fact) => fact.conversationId === conversationId)
}
const acknowledged = async ({ token }: Person, conversationId: string) =>
  Number(await redis.hget(acknowledgedKey(conversationId), String(decodeJwt(token)['sid'])))

test('only reads of people with a push device are published', async () => {
  const { alice, bob, conversationId } = await chatOf(5)
  await makeReachable(messages, bob)
  await mark(alice, conversationId, 'read', 1)
  await mark(bob, conversationId, 'delivered', 3)
  await mark(bob, conversationId, 'read', 2)
  await mark(bob, conversationId, 'read', 1)
  await messages.internal('POST /internal/markers', {
    markers: [{ userId: bob.id, conversationId, kind: 'read', seq: 99 }],
  })
  const expected = [2, 5].map((readSeq) => ({ userId: bob.id, conversationId, readSeq }))
  await eventually(async () => expect(await readsIn(conversationId)).toEqual(expected))
})

test('hidden reads are still published for the person’s own devices', async () => {
  const { bob, conversationId } = await chatOf(2)
  await messages.usersService.updateUser(bob.user, 2, { reachable: true, readReceipts: false })
  await eventually(async () => {
    const { hidesReads } = await messages.node.ctx.prisma.userReplica.findUniqueOrThrow({
      where: { id: bob.id },
    })
    expect(hidesReads).toBe(true)
  })
  await mark(bob, conversationId, 'read', 2)
  const expected = [{ userId: bob.id, conversationId, readSeq: 2 }]
  await eventually(async () => expect(await readsIn(conversationId)).toEqual(expected))
})

test('an acknowledgement is recorded per session, and never moves back', async () => {
  const { alice, bob, conversationId } = await chatOf(4)
  await mark(bob, conversationId, 'delivered', 2)
  await eventually(async () => expect(await acknowledged(bob, conversationId)).toBe(2))
  await mark(bob, conversationId, 'read', 4)
  await eventually(async () => expect(await acknowledged(bob, conversationId)).toBe(4))
  await mark(bob, conversationId, 'delivered', 1)
  await mark(alice, conversationId, 'read', 3)
  await eventually(async () => expect(await acknowledged(alice, conversationId)).toBe(3))
  expect(await acknowledged(bob, conversationId)).toBe(4)
  const left = await redis.pttl(acknowledgedKey(conversationId))
  expect(left).toBeGreaterThan(0)
  expect(left).toBeLessThanOrEqual(acknowledgedForMs)
})

test('a non-participant acknowledges nothing', async () => {
  const { conversationId } = await chatOf(1)
  const stranger = await messages.join()
  expect((await mark(stranger, conversationId, 'read', 1)).status).toBe(404)
  expect(await redis.exists(acknowledgedKey(conversationId))).toBe(0)
})

test('markers move while Redis is away', async () => {
  const { bob, conversationId } = await chatOf(2)
  await makeReachable(messages, bob)
  await messages.redis.stop()
  try {
    expect((await mark(bob, conversationId, 'read', 2)).status).toBe(204)
    expect((await bob.chat(conversationId)).me).toMatchObject({ lastReadSeq: 2 })
  } finally {
    await messages.redis.start()
  }
})
