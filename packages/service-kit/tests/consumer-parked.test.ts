import { eventually, expectLog } from '@finnigram/testing'
import { expect, test } from 'vitest'
import { createHealth, createMetrics } from '../src/index.ts'
import { add, consume, startStreams } from './stream-fixture.ts'

test('a handler that times out has failed, unless a dependency is away', async () => {
  expectLog(/An event is parked/)
  await using fixture = await startStreams()
  let isUp = false
  const health = createHealth([{ name: 'database', required: true, check: () => isUp }])
  const tries: boolean[] = []
  await using consumer = consume(fixture.redis, {
    attempts: 2,
    health,
    handlers: {
      counted() {
        tries.push(isUp)
        if (tries.length > 3) isUp = true
        throw Object.assign(new Error('canceling statement due to statement timeout'), { code: '57014' })
      },
    },
  })
  await add(fixture.redis, 1)
  await eventually(async () => expect(await consumer.parked.count()).toBe(1), { within: 15_000 })
  expect(tries).toEqual([false, false, false, false, true])
})

test('parked entries can be listed, retried and dropped by the group that parked them', async () => {
  expectLog(/An event is parked/)
  await using fixture = await startStreams()
  let isMended = false
  const seen: number[] = []
  await using consumer = consume(fixture.redis, {
    attempts: 1,
    handlers: {
      counted({ n }) {
        if (!isMended) throw new Error('still broken')
        seen.push(n)
      },
    },
  })
  await using other = consume(fixture.redis, { group: 'others', handlers: {} })
  await add(fixture.redis, 1)
  await add(fixture.redis, 2, 'test:{1}')
  await eventually(async () => expect(await consumer.parked.count()).toBe(2))
  expect(await other.parked.count()).toBe(0)
  const [first, second] = await consumer.parked.list(10)
  expect(first).toMatchObject({ kind: 'event', what: 'counted of k' })
  expect(first?.reason).toContain('still broken')
  const id = first?.id ?? ''

  await expect(consumer.parked.retry(id)).rejects.toThrow('still broken')
  expect(await consumer.parked.count()).toBe(2)
  isMended = true
  expect(await other.parked.retry(id)).toBe(false)
  expect(await consumer.parked.retry(id)).toBe(true)
  expect(seen).toHaveLength(1)
  expect(await consumer.parked.drop(second?.id ?? '')).toBe(true)
  expect(await consumer.parked.drop('test:{0}/x')).toBe(false)
  expect(await consumer.parked.list(10)).toEqual([])
})

test('an invalid entry is parked at once, an unknown type is skipped and counted', async () => {
  expectLog(/An event is parked/)
  await using fixture = await startStreams()
  const metrics = createMetrics('test')
  const seen: number[] = []
  await using consumer = consume(fixture.redis, { metrics, handlers: { counted: ({ n }) => seen.push(n) } })
  const stream = 'test:{0}'
  for (const payload of ['{"n":"one"}', '{}', 'null', '{"n":1'])
    await fixture.redis.commands.xadd(stream, '*', 'type', 'counted', 'key', 'k', 'payload', payload)
  for (const type of ['recounted', 'constructor', '__proto__']) await add(fixture.redis, 1, stream, type)
  await add(fixture.redis, 7)
  await eventually(() => expect(seen).toEqual([7]))
  expect(await consumer.parked.count()).toBe(4)
  expect(await metrics.registry.metrics()).toMatch(/events_unknown_total\{reader="readers"[^}]*\} 3/)
})
