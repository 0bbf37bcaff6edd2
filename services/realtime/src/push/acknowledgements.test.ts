import { acknowledgedKey, newId } from '@finnigram/contracts'
import { createLogger, type RedisLink } from '@finnigram/service-kit'
import { eventually, type OpenTestRedis, openTestRedis } from '@finnigram/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAcknowledgements } from './acknowledgements.ts'

const log = createLogger({ service: 'test', nodeId: 'test' })
let link: OpenTestRedis
let redis: RedisLink
beforeAll(async () => {
  link = await openTestRedis()
  redis = link.redis
})
afterAll(() => link[Symbol.asyncDispose]())

test('an acknowledgement reaches all nodes, only moves forward, and expires', async () => {
  await using node = createAcknowledgements({ redis, log, everyMs: 20 })
  const [conversationId, sessionId, other] = [newId(), newId(), newId()]
  node.note({ conversationId, sessionId, seq: 4 })
  node.note({ conversationId, sessionId, seq: 9 })
  node.note({ conversationId, sessionId, seq: 7 })
  const asked = [sessionId, other].map((id) => ({ conversationId, sessionId: id }))
  await eventually(async () => expect(await node.read(asked)).toEqual([9, 0]))
  node.note({ conversationId, sessionId, seq: 3 })
  node.note({ conversationId, sessionId: other, seq: 5 })
  await eventually(async () => expect(await node.read(asked)).toEqual([9, 5]))
  expect(await redis.commands.pttl(acknowledgedKey(conversationId))).toBeGreaterThan(500_000)
})

test('acknowledgements of thousands are written at once', async () => {
  const conversationId = newId()
  const sessions = Array.from({ length: 2500 }, newId)
  await using node = createAcknowledgements({ redis, log, everyMs: 20 })
  for (const sessionId of sessions) node.note({ conversationId, sessionId, seq: 2 })
  await eventually(async () => expect(await redis.commands.hlen(acknowledgedKey(conversationId))).toBe(2500))
})

test('acknowledgements during an outage of Redis are written afterwards, the furthest of each session', async () => {
  await using node = createAcknowledgements({ redis, log, everyMs: 20 })
  const conversationId = newId()
  const asked = [newId(), newId(), newId()].map((sessionId) => ({ conversationId, sessionId }))
  const [first, second, third] = asked.map((one) => (seq: number) => node.note({ ...one, seq }))
  await link.server.stop()
  first?.(4)
  second?.(7)
  await eventually(() => expect(redis.isUp).toBe(false))
  await expect(node.read(asked)).rejects.toThrow()
  second?.(9)
  third?.(5)
  await link.server.start()
  await redis.whenUp(5000)
  first?.(3)
  await eventually(async () => expect(await node.read(asked)).toEqual([4, 9, 5]))
})

test('the last acknowledgements are written at shutdown', async () => {
  const asked = { conversationId: newId(), sessionId: newId() }
  await using other = createAcknowledgements({ redis, log, everyMs: 60_000 })
  {
    await using node = createAcknowledgements({ redis, log, everyMs: 60_000 })
    node.note({ ...asked, seq: 4 })
  }
  expect(await other.read([asked])).toEqual([4])
})
