import { eventually } from '@finnigram/testing'
import { expect, test } from 'vitest'
import { appendToOutbox, createMetrics, tailStreams, withTransaction } from '../src/index.ts'
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

test('entries older than 45 minutes are trimmed, and parked ones older than a month; the rest stays', async () => {
  await using fixture = await startOutbox()
  const [busy, quiet, parked] = [streamOf(0), streamOf(1), `${streamOf(0)}:parked`]
  await addOld(fixture, busy, [2 * day, 60 * minute, 46 * minute, 44 * minute, 1000])
  await addOld(fixture, quiet, [2 * day])
  await addOld(fixture, parked, [31 * day, 29 * day])
  await using relay = fixture.relay()
  await eventually(async () => {
    const left = await Promise.all([busy, quiet, parked].map((stream) => idsOn(fixture, stream)))
    expect(left.map((ids) => ids.length)).toEqual([2, 0, 1])
  })

  await createCounters(fixture.pool)
  relay.wake(await commitNumbered(fixture.pool, 'k'))
  await eventually(async () => {
    const all = await Promise.all(Array.from({ length: partitions }, (_, n) => idsOn(fixture, streamOf(n))))
    expect(all.flat()).toHaveLength(3)
  })
})

test('a stream with too many bytes is trimmed at its oldest entries, and its bytes are reported', async () => {
  await using fixture = await startOutbox()
  const metrics = createMetrics('test')
  await using relay = fixture.relay({ metrics, keepBytes: 100_000 })
  const text = 'x'.repeat(5000)
  const woken = await withTransaction(fixture.pool, (tx) =>
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
      const left = (await published(fixture)).get('k') ?? []
      expect(left.length).toBeLessThan(20)
      expect(left.at(-1)).toBe(99)
      expect(await metrics.registry.metrics()).toMatch(/stream_bytes_max\{.*\} [1-9]/)
    },
    { within: 8000 },
  )
})

test('a tail that has read trimmed entries gets no gap; one that has not does', async () => {
  await using fixture = await startStreams()
  const resume = Promise.withResolvers<void>()
  const follow = (slow: Promise<void>) => {
    const gaps: string[] = []
    let seen = 0
    const tail = tailStreams({
      redis: fixture.redis,
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
  await add(fixture.redis, 0)
  await eventually(() => expect([quick.seen(), slow.seen()]).toEqual([1, 1]))
  for (let n = 1; n < 10; n += 1) await add(fixture.redis, n)
  await eventually(() => expect(quick.seen()).toBe(10))
  await fixture.redis.commands.xtrim('test:{0}', 'MINID', `${Date.now() + 1}-0`)
  resume.resolve()
  await eventually(() => expect(slow.gaps).toHaveLength(1))
  await add(fixture.redis, 10)
  await eventually(() => expect(quick.seen()).toBe(11))
  expect(quick.gaps).toEqual([])
})

/** A group that notes its resets; everything is let go of with `leave`. */
const join = async (fixture: Streams, handlers: Parameters<typeof consume>[1]['handlers'] = {}) => {
  const resets: string[] = []
  const consumer = consume(fixture.redis, { handlers, onReset: async (reason) => void resets.push(reason) })
  await consumer.ready
  return { resets, leave: () => consumer[Symbol.asyncDispose]() }
}
const dropAll = ({ redis }: Streams) => redis.commands.xtrim('test:{0}', 'MINID', `${Date.now() + 1}-0`)
const pending = async ({ redis }: Streams) => (await redis.commands.xpending('test:{0}', 'readers'))[0]

test('a group whose unread entries were trimmed begins anew, once', async () => {
  await using fixture = await startStreams()
  const first = await join(fixture)
  await add(fixture.redis, 0)
  await eventually(async () => expect(await pending(fixture)).toBe(0))
  await first.leave()
  for (let n = 1; n < 5; n += 1) await add(fixture.redis, n)
  await dropAll(fixture)
  await add(fixture.redis, 5)
  const second = await join(fixture)
  expect(second.resets).toEqual(['trimmed'])
  await add(fixture.redis, 6)
  await eventually(async () => expect(await pending(fixture)).toBe(0))
  await second.leave()
  const third = await join(fixture)
  expect(third.resets).toEqual([])
  await third.leave()
})

test('so does a group that had never read anything', async () => {
  await using fixture = await startStreams()
  await add(fixture.redis, 0)
  const first = await join(fixture)
  await first.leave()
  await add(fixture.redis, 1)
  await dropAll(fixture)
  const second = await join(fixture)
  expect(second.resets).toEqual(['trimmed'])
  await second.leave()
})

test('so does a group with pending entries that were trimmed', async () => {
  await using fixture = await startStreams()
  const begun = Promise.withResolvers<void>()
  const first = await join(fixture, {
    counted: () => {
      begun.resolve()
      throw new Error('not now')
    },
  })
  await add(fixture.redis, 0)
  await begun.promise
  await first.leave()
  expect(await pending(fixture)).toBe(1)
  await dropAll(fixture)
  const second = await join(fixture)
  expect(second.resets).toEqual(['trimmed'])
  await eventually(async () => expect(await pending(fixture)).toBe(0))
  await second.leave()
})

test('a group that has finished all trimmed entries goes on unchanged', async () => {
  await using fixture = await startStreams()
  const first = await join(fixture)
  for (let n = 0; n < 5; n += 1) await add(fixture.redis, n)
  await eventually(async () => {
    const [info] = (await fixture.redis.commands.xinfo('GROUPS', 'test:{0}')) as unknown[][]
    expect(info).toContain(5)
    expect(await pending(fixture)).toBe(0)
  })
  await first.leave()
  await dropAll(fixture)
  const second = await join(fixture)
  expect(second.resets).toEqual([])
  await second.leave()
})
