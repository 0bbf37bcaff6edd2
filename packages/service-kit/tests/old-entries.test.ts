import { expect, test } from 'vitest'
import { appendToOutbox, createMetrics, tailStreams, withTransaction } from '../src/index.ts'
import { eventually } from '../src/testing/index.ts'
import {
  commitNumbered,
  createCounters,
  partitions,
  published,
  startOutbox,
  streamOf,
} from './outbox-fixture.ts'
import { testLog } from './serve.ts'
import { add, consume, startStreams } from './stream-fixture.ts'

const minute = 60_000
const day = 24 * 60 * minute
type Streams = Awaited<ReturnType<typeof startStreams>>

/** Adds entries that were published so long ago; a stream takes them only in order of their age. */
async function addOld({ redis }: Pick<Streams, 'redis'>, stream: string, agesMs: readonly number[]) {
  for (const [n, age] of agesMs.entries()) {
    const fields = ['type', 'counted', 'key', 'k', 'payload', `{"n":${n}}`]
    await redis.commands.xadd(stream, `${Date.now() - age}-0`, ...fields)
  }
}
const idsOn = async ({ redis }: Pick<Streams, 'redis'>, stream: string) =>
  (await redis.commands.xrange(stream, '-', '+')).map(([id]) => Number(id.split('-')[0]))

test('what was published longer ago than three quarters of an hour goes from the streams, and what was parked a month ago; the rest stays', async () => {
  await using box = await startOutbox()
  const [busy, quiet, parked] = [streamOf(0), streamOf(1), `${streamOf(0)}:parked`]
  await addOld(box, busy, [2 * day, 60 * minute, 46 * minute, 44 * minute, 1000])
  await addOld(box, quiet, [2 * day])
  await addOld(box, parked, [31 * day, 29 * day])
  await using relay = box.relay()
  await eventually(async () => {
    const left = await Promise.all([busy, quiet, parked].map((stream) => idsOn(box, stream)))
    expect(left.map((ids) => ids.length)).toEqual([2, 0, 1])
  })

  await createCounters(box.pool)
  relay.wake(await commitNumbered(box.pool, 'k'))
  await eventually(async () => {
    const all = await Promise.all(Array.from({ length: partitions }, (_, n) => idsOn(box, streamOf(n))))
    expect(all.flat()).toHaveLength(3)
  })
})

test('a stream that takes too many bytes lets go of the oldest, and says how many it takes', async () => {
  await using box = await startOutbox()
  const metrics = createMetrics('test')
  await using relay = box.relay({ metrics, keepBytes: 100_000 })
  const text = 'x'.repeat(5000)
  const woken = await withTransaction(box.pool, (tx) =>
    appendToOutbox(
      tx,
      Array.from({ length: 100 }, (_, n) => ({
        key: 'k',
        type: 'counted',
        payload: JSON.stringify({ n, text }),
      })),
      partitions,
    ),
  )
  relay.wake(woken)
  await eventually(
    async () => {
      const left = (await published(box)).get('k') ?? []
      expect(left.length).toBeLessThan(20)
      expect(left.at(-1)).toBe(99)
      expect(await metrics.registry.metrics()).toMatch(/stream_bytes_max\{.*\} [1-9]/)
    },
    { within: 8000 },
  )
})

test('a tail that has read what goes for its age is told of no gap; one that has not is', async () => {
  await using box = await startStreams()
  const resume = Promise.withResolvers<void>()
  const follow = (slow: Promise<void>) => {
    const gaps: string[] = []
    let seen = 0
    const tail = tailStreams({
      redis: box.redis,
      log: testLog(),
      streams: ['test:{0}'],
      checkEveryMs: 100,
      async onEntries(entries) {
        seen += entries.length
        await slow
      },
      onGap: (reason) => gaps.push(reason),
    })
    return { tail, gaps, seen: () => seen, [Symbol.asyncDispose]: () => tail[Symbol.asyncDispose]() }
  }
  await using quick = follow(Promise.resolve())
  await using slow = follow(resume.promise)
  await Promise.all([quick.tail.ready, slow.tail.ready])
  await add(box.redis, 0)
  await eventually(() => expect([quick.seen(), slow.seen()]).toEqual([1, 1]))
  for (let n = 1; n < 10; n += 1) await add(box.redis, n)
  await eventually(() => expect(quick.seen()).toBe(10))
  await box.redis.commands.xtrim('test:{0}', 'MINID', `${Date.now() + 1}-0`)
  resume.resolve()
  await eventually(() => expect(slow.gaps).toHaveLength(1))
  await add(box.redis, 10)
  await eventually(() => expect(quick.seen()).toBe(11))
  expect(quick.gaps).toEqual([])
})

/** A group that notes its resets; everything is let go of with `leave`. */
const join = async (box: Streams, handlers: Parameters<typeof consume>[1]['handlers'] = {}) => {
  const resets: string[] = []
  const consumer = consume(box.redis, { handlers, onReset: async (reason) => void resets.push(reason) })
  await consumer.ready
  return { resets, leave: () => consumer[Symbol.asyncDispose]() }
}
const dropAll = ({ redis }: Streams) => redis.commands.xtrim('test:{0}', 'MINID', `${Date.now() + 1}-0`)
const pending = async ({ redis }: Streams) => (await redis.commands.xpending('test:{0}', 'readers'))[0]

test('a group that was away while what it had not read went for its age begins anew, once', async () => {
  await using box = await startStreams()
  const first = await join(box)
  await add(box.redis, 0)
  await eventually(async () => expect(await pending(box)).toBe(0))
  await first.leave()
  for (let n = 1; n < 5; n += 1) await add(box.redis, n)
  await dropAll(box)
  await add(box.redis, 5)
  const second = await join(box)
  expect(second.resets).toEqual(['trimmed'])
  await add(box.redis, 6)
  await eventually(async () => expect(await pending(box)).toBe(0))
  await second.leave()
  const third = await join(box)
  expect(third.resets).toEqual([])
  await third.leave()
})

test('so does a group that had never read anything', async () => {
  await using box = await startStreams()
  await add(box.redis, 0)
  const first = await join(box)
  await first.leave()
  await add(box.redis, 1)
  await dropAll(box)
  const second = await join(box)
  expect(second.resets).toEqual(['trimmed'])
  await second.leave()
})

test('so does a group that had begun with what went, and never finished', async () => {
  await using box = await startStreams()
  const begun = Promise.withResolvers<void>()
  const first = await join(box, {
    counted: () => {
      begun.resolve()
      throw new Error('not now')
    },
  })
  await add(box.redis, 0)
  await begun.promise
  await first.leave()
  expect(await pending(box)).toBe(1)
  await dropAll(box)
  const second = await join(box)
  expect(second.resets).toEqual(['trimmed'])
  await eventually(async () => expect(await pending(box)).toBe(0))
  await second.leave()
})

test('a group that has finished all that went for its age goes on as if nothing had been', async () => {
  await using box = await startStreams()
  const first = await join(box)
  for (let n = 0; n < 5; n += 1) await add(box.redis, n)
  await eventually(async () => {
    const [info] = (await box.redis.commands.xinfo('GROUPS', 'test:{0}')) as unknown[][]
    expect(info).toContain(5)
    expect(await pending(box)).toBe(0)
  })
  await first.leave()
  await dropAll(box)
  const second = await join(box)
  expect(second.resets).toEqual([])
  await second.leave()
})
