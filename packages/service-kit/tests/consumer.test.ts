import { eventually, expectLog, logLines } from '@finnigram/testing'
import { expect, test } from 'vitest'
import { currentRequestId, openRedis } from '../src/index.ts'
import { testLog } from './serve.ts'
import { add, consume, startStreams } from './stream-fixture.ts'

const pendingOf = async ({ redis }: Awaited<ReturnType<typeof startStreams>>) =>
  (await redis.commands.xpending('test:{0}', 'readers'))[0]

test('entries from before and after the start are handled in order, with their request id, and acknowledged', async () => {
  await using fixture = await startStreams()
  await add(fixture.redis, 1)
  const seen: [number, string | undefined][] = []
  await using consumer = consume(fixture.redis, {
    handlers: { counted: ({ n }) => seen.push([n, currentRequestId()]) },
  })
  await consumer.ready
  await add(fixture.redis, 2)
  await add(fixture.redis, 3, 'test:{0}', 'unknown')
  await add(fixture.redis, 4)
  await eventually(() =>
    expect(seen).toEqual([
      [1, 'req-1'],
      [2, 'req-2'],
      [4, 'req-4'],
    ]),
  )
  await eventually(async () => expect(await pendingOf(fixture)).toBe(0))
})

test('two consumers of a group share the entries, each is handled by one', async () => {
  await using fixture = await startStreams()
  const seen: string[] = []
  await using one = consume(fixture.redis, { handlers: { counted: ({ n }) => seen.push(`one ${n}`) } })
  await using two = consume(fixture.redis, {
    consumer: 'two',
    handlers: { counted: ({ n }) => seen.push(`two ${n}`) },
  })
  await Promise.all([one.ready, two.ready])
  for (let n = 0; n < 50; n += 1) await add(fixture.redis, n)
  await eventually(() => expect(new Set(seen.map((text) => text.split(' ')[1])).size).toBe(50))
  expect(seen).toHaveLength(50)
})

test('pending entries of a dead consumer are handled by itself on its return, or by another', async () => {
  await using fixture = await startStreams()
  await fixture.redis.commands.xgroup('CREATE', 'test:{0}', 'readers', '0', 'MKSTREAM')
  await add(fixture.redis, 1)
  await add(fixture.redis, 2)
  const take = (consumer: string) =>
    fixture.redis.commands.xreadgroup('GROUP', 'readers', consumer, 'COUNT', 1, 'STREAMS', 'test:{0}', '>')
  await take('one')
  await take('dead')
  const seen: number[] = []
  await using _consumer = consume(fixture.redis, {
    reclaimAfterMs: 300,
    handlers: { counted: ({ n }) => seen.push(n) },
  })
  await eventually(() => expect(seen).toEqual([1]))
  await add(fixture.redis, 3)
  await eventually(() => expect(seen.toSorted()).toEqual([1, 2, 3]), { within: 8000 })
  await eventually(async () => expect(await pendingOf(fixture)).toBe(0))
})

test('an entry that keeps failing is parked with its error, and the next ones go on', async () => {
  expectLog(/An event is parked/)
  await using fixture = await startStreams()
  const seen: number[] = []
  let tries = 0
  await using _consumer = consume(fixture.redis, {
    attempts: 3,
    handlers: {
      counted({ n }) {
        if (n === 1) {
          tries += 1
          throw new Error('cannot stand ones')
        }
        seen.push(n)
      },
    },
  })
  await add(fixture.redis, 1)
  await add(fixture.redis, 2)
  await eventually(() => expect(seen).toEqual([2]))
  expect(tries).toBe(3)
  const [parked] = await fixture.redis.commands.xrange('test:{0}:parked', '-', '+')
  expect(parked?.[1]).toEqual(
    expect.arrayContaining([
      'payload',
      '{"n":1}',
      'group',
      'readers',
      expect.stringContaining('cannot stand ones'),
    ]),
  )
  await eventually(async () => expect(await pendingOf(fixture)).toBe(0))
  expect(logLines().find(({ level }) => level === 'error')).toMatchObject({
    message: 'An event is parked',
    type: 'counted',
  })
})

test('an invalid entry is parked at once', async () => {
  expectLog(/An event is parked/)
  await using fixture = await startStreams()
  await fixture.redis.commands.xadd('test:{0}', '*', 'type', 'counted', 'key', 'k', 'payload', '{"n":"one"}')
  await using _consumer = consume(fixture.redis, { handlers: { counted: () => {} } })
  await eventually(async () => expect(await fixture.redis.commands.xlen('test:{0}:parked')).toBe(1))
})

test('an entry that was delivered too often is parked: it may kill its consumers', async () => {
  expectLog(/An event is parked/)
  await using fixture = await startStreams()
  await fixture.redis.commands.xgroup('CREATE', 'test:{0}', 'readers', '0', 'MKSTREAM')
  await add(fixture.redis, 1)
  await fixture.redis.commands.xreadgroup('GROUP', 'readers', 'one', 'STREAMS', 'test:{0}', '>')
  for (let i = 0; i < 3; i += 1)
    await fixture.redis.commands.xreadgroup('GROUP', 'readers', 'one', 'STREAMS', 'test:{0}', '0')
  const seen: number[] = []
  await using _consumer = consume(fixture.redis, {
    attempts: 3,
    handlers: { counted: ({ n }) => seen.push(n) },
  })
  await eventually(async () => expect(await fixture.redis.commands.xlen('test:{0}:parked')).toBe(1))
  expect(seen).toEqual([])
})

test('an outage of a dependency is waited out, however long, and parks nothing', async () => {
  await using fixture = await startStreams()
  const seen: number[] = []
  let failures = 5
  await using _consumer = consume(fixture.redis, {
    attempts: 2,
    handlers: {
      counted({ n }) {
        failures -= 1
        if (failures >= 0) throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
        seen.push(n)
      },
    },
  })
  await add(fixture.redis, 1)
  await eventually(() => expect(seen).toEqual([1]), { within: 15_000 })
  expect(await fixture.redis.commands.exists('test:{0}:parked')).toBe(0)
})

test('a Redis that is emptied: the group begins anew, after onReset', async () => {
  await using fixture = await startStreams()
  const seen: number[] = []
  const resets: string[] = []
  await using consumer = consume(fixture.redis, {
    handlers: { counted: ({ n }) => seen.push(n) },
    onReset: async (reason) => void resets.push(reason),
  })
  await consumer.ready
  expect(resets).toEqual(['new'])
  await add(fixture.redis, 1)
  await eventually(() => expect(seen).toEqual([1]))
  await fixture.redis.commands.flushall()
  await eventually(() => expect(resets).toEqual(['new', 'new']))
  await eventually(async () => {
    await add(fixture.redis, 2)
    expect(seen).toContain(2)
  })
})

test('a Redis killed and started empty is survived likewise', async () => {
  await using fixture = await startStreams()
  const seen: number[] = []
  let resets = 0
  await using consumer = consume(fixture.redis, {
    handlers: { counted: ({ n }) => seen.push(n) },
    async onReset() {
      resets += 1
    },
  })
  await consumer.ready
  await fixture.server.stop()
  await new Promise((resolve) => setTimeout(resolve, 500))
  await fixture.server.start()
  await eventually(() => expect(resets).toBe(2))
  await eventually(async () => {
    await add(fixture.redis, 2)
    expect(seen).toContain(2)
  })
})

test('a reset that fails is tried again before anything is read', async () => {
  await using fixture = await startStreams()
  await add(fixture.redis, 1)
  let resets = 0
  const seen: number[] = []
  await using consumer = consume(fixture.redis, {
    handlers: { counted: ({ n }) => seen.push(n) },
    async onReset() {
      resets += 1
      await add(fixture.redis, 10 + resets)
      if (resets < 3) throw new Error('the source is away')
    },
  })
  await consumer.ready
  expect(resets).toBe(3)
  await eventually(() => expect(seen).toEqual([13]))
})

test('entries trimmed before the group read them are noticed at its next start', async () => {
  await using fixture = await startStreams()
  const resets: string[] = []
  const options = { handlers: {}, onReset: async (reason: string) => void resets.push(reason) }
  const first = consume(fixture.redis, options)
  await first.ready
  await add(fixture.redis, 0)
  await eventually(async () => expect(await pendingOf(fixture)).toBe(0))
  await first[Symbol.asyncDispose]()
  for (let n = 0; n < 20; n += 1) await add(fixture.redis, n)
  await fixture.redis.commands.xtrim('test:{0}', 'MAXLEN', 5)
  await using second = consume(fixture.redis, options)
  await second.ready
  expect(resets).toEqual(['new', 'trimmed'])
})

test('a consumer that starts before Redis waits for it', async () => {
  await using fixture = await startStreams()
  await fixture.server.stop()
  await using late = openRedis({ url: fixture.server.url, name: 'late', log: testLog() })
  const seen: number[] = []
  await using _consumer = consume(late, { handlers: { counted: ({ n }) => seen.push(n) } })
  await fixture.server.start()
  await late.whenUp(5000)
  await add(late, 1)
  await eventually(() => expect(seen).toEqual([1]))
})

test('disposing finishes the entry under way', async () => {
  await using fixture = await startStreams()
  const begun = Promise.withResolvers<void>()
  let isFinished = false
  const consumer = consume(fixture.redis, {
    handlers: {
      async counted() {
        begun.resolve()
        await new Promise((resolve) => setTimeout(resolve, 200))
        isFinished = true
      },
    },
  })
  await add(fixture.redis, 1)
  await begun.promise
  await consumer[Symbol.asyncDispose]()
  expect(isFinished).toBe(true)
  expect(await pendingOf(fixture)).toBe(0)
})
