import { eventually, expectLog, logLines } from '@finnigram/testing'
import { expect, test } from 'vitest'
import {
  appendToOutbox,
  createLogger,
  createMetrics,
  openRedis,
  parkedOutbox,
  partitionOf,
  withRequestId,
  withTransaction,
} from '../src/index.ts'
import {
  commitNumbered,
  countTo,
  createCounters,
  firstAppearances,
  partitions,
  published,
  startOutbox,
  streamOf,
} from './outbox-fixture.ts'
import { testLog } from './serve.ts'

const keys = Array.from({ length: 12 }, (_, i) => `key-${i}`)
const nothingWaits = async (pool: Awaited<ReturnType<typeof startOutbox>>['pool']) =>
  expect((await pool.query('SELECT count(*)::int AS n FROM outbox')).rows).toEqual([{ n: 0 }])

test('committed events reach their stream within milliseconds of a wake, and leave the table', async () => {
  await using fixture = await startOutbox()
  await using relay = fixture.relay({ pollEveryMs: 60_000 })
  const woken = await withRequestId('req-7', () =>
    withTransaction(fixture.pool, (tx) =>
      appendToOutbox(
        tx,
        [1, 2, 3].map((n) => ({ key: 'k', type: 'counted', payload: `{"n":${n}}` })),
        partitions,
      ),
    ),
  )
  const startedAt = performance.now()
  relay.wake(woken)
  await eventually(async () => expect((await published(fixture)).get('k')).toEqual([1, 2, 3]), { every: 1 })
  expect(performance.now() - startedAt).toBeLessThan(250)
  await eventually(() => nothingWaits(fixture.pool))
  const [entry] = await fixture.redis.commands.xrange(streamOf(woken[0] ?? 0), '-', '+')
  const told = ['type', 'counted', 'key', 'k', 'payload', '{"n":1}', 'requestId', 'req-7']
  expect(entry?.[1]).toEqual([...told, 'outboxId', '1'])
})

test('events without a wake are found by polling', async () => {
  await using fixture = await startOutbox()
  await using _relay = fixture.relay()
  await createCounters(fixture.pool)
  await commitNumbered(fixture.pool, 'k')
  await eventually(async () => expect((await published(fixture)).get('k')).toEqual([1]))
})

test('a rolled back transaction publishes nothing', async () => {
  await using fixture = await startOutbox()
  await using _relay = fixture.relay()
  const failing = withTransaction(fixture.pool, async (tx) => {
    await appendToOutbox(tx, [{ key: 'k', type: 'counted', payload: '{"n":1}' }], partitions)
    throw new Error('no')
  })
  await expect(failing).rejects.toThrow('no')
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(await published(fixture)).toEqual(new Map())
})

test('two relays and many writers at once: every key in order, everything once', async () => {
  await using fixture = await startOutbox()
  await using one = fixture.relay()
  await using two = fixture.relay()
  await createCounters(fixture.pool)
  const writers = keys.map(async (key, i) => {
    for (const _ of countTo(40)) {
      const woken = await commitNumbered(fixture.pool, key)
      ;(i % 2 ? one : two).wake(woken)
      ;(i % 3 ? one : two).wake(countTo(partitions).map((n) => n - 1))
    }
  })
  await Promise.all(writers)
  await eventually(() => nothingWaits(fixture.pool))
  const byKey = await published(fixture)
  for (const key of keys) expect(byKey.get(key)).toEqual(countTo(40))
})

test('Redis killed again and again while events are committed: none lost, none reordered', async () => {
  await using fixture = await startOutbox()
  await using other = openRedis({ url: fixture.server.url, name: 'other', log: testLog() })
  await using one = fixture.relay()
  await using two = fixture.relay({ redis: other })
  await createCounters(fixture.pool)
  const ended = new AbortController()
  const writers = keys.map(async (key, i) => {
    let n = 0
    while (!ended.signal.aborted) {
      const woken = await commitNumbered(fixture.pool, key)
      n += 1
      ;(i % 2 ? one : two).wake(woken)
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    return n
  })
  for (let i = 0; i < 3; i += 1) {
    await new Promise((resolve) => setTimeout(resolve, 300))
    await fixture.server.stop()
    await new Promise((resolve) => setTimeout(resolve, 300))
    await fixture.server.start()
  }
  ended.abort()
  const counts = await Promise.all(writers)
  await eventually(() => nothingWaits(fixture.pool), { within: 10_000 })
  await fixture.redis.whenUp(5000)
  const byKey = await published(fixture)
  for (const [i, key] of keys.entries())
    expect(firstAppearances(byKey.get(key) ?? [])).toEqual(countTo(counts[i] ?? 0))
})

test('a relay survives PostgreSQL dropping its connections', async () => {
  await using fixture = await startOutbox()
  await using relay = fixture.relay()
  await createCounters(fixture.pool)
  for (const n of countTo(60)) {
    relay.wake(await commitNumbered(fixture.pool, 'k'))
    if (n % 20) continue
    await fixture.pool.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    )
  }
  await eventually(() => nothingWaits(fixture.pool))
  expect(firstAppearances((await published(fixture)).get('k') ?? [])).toEqual(countTo(60))
})

test('an outage is logged once and counted, and the lag is shown', async () => {
  await using fixture = await startOutbox()
  const metrics = createMetrics('test')
  await using relay = fixture.relay({ metrics, log: createLogger({ service: 'relay', nodeId: 'n' }) })
  await createCounters(fixture.pool)
  await fixture.server.stop()
  relay.wake(await commitNumbered(fixture.pool, 'k'))
  await eventually(async () => {
    const text = await metrics.registry.metrics()
    expect(Number(/outbox_lag_seconds\{.*\} ([\d.]+)/.exec(text)?.[1])).toBeGreaterThan(0.2)
    expect(text).toMatch(/outbox_waiting\{.*\} 1/)
  })
  await fixture.server.start()
  await eventually(() => nothingWaits(fixture.pool))
  expect(
    logLines().filter(({ service, level }) => service === 'relay' && level === 'warn').length,
  ).toBeLessThanOrEqual(1)
  expect(await metrics.registry.metrics()).toMatch(/outbox_published_total\{.*\} 1/)
})

test('a full Redis refuses entries without letting later ones overtake', async () => {
  await using fixture = await startOutbox({ persistent: false })
  await using relay = fixture.relay()
  await createCounters(fixture.pool)
  await fixture.redis.commands.config('SET', 'maxmemory', '1')
  for (const _ of countTo(20)) relay.wake(await commitNumbered(fixture.pool, 'k'))
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(await published(fixture)).toEqual(new Map())
  await fixture.redis.commands.config('SET', 'maxmemory', '0')
  await eventually(() => nothingWaits(fixture.pool))
  expect((await published(fixture)).get('k')).toEqual(countTo(20))
})

test('scripts are loaded again into a Redis that lost them', async () => {
  await using fixture = await startOutbox()
  await using relay = fixture.relay()
  await createCounters(fixture.pool)
  for (const n of countTo(3)) {
    relay.wake(await commitNumbered(fixture.pool, 'k'))
    await eventually(async () => expect((await published(fixture)).get('k')).toEqual(countTo(n)))
    await fixture.redis.commands.script('FLUSH')
  }
})

test('a row that Redis refuses is parked with its reason, the others go on, and a retry publishes it', async () => {
  expectLog(/could not be published is parked/)
  await using fixture = await startOutbox()
  await createCounters(fixture.pool)
  // Whose stream is no stream.
  const [spoiled = 0] = await commitNumbered(fixture.pool, 'spoiled')
  await fixture.redis.commands.set(streamOf(spoiled), 'no stream')
  const other = keys.find((key) => partitionOf(key, partitions) !== spoiled) ?? ''
  await commitNumbered(fixture.pool, other)
  await using _relay = fixture.relay()
  const parked = parkedOutbox(fixture.pool)
  await eventually(async () => expect(await parked.count()).toBe(1), { within: 15_000 })
  await eventually(() => nothingWaits(fixture.pool))
  const [item] = await parked.list(10)
  expect(item).toMatchObject({ kind: 'outbox', what: 'counted of spoiled' })
  expect(item?.reason).toContain('WRONGTYPE')

  await fixture.redis.commands.del(streamOf(spoiled))
  expect(await parked.retry(item?.id ?? '')).toBe(true)
  await eventually(async () => {
    const byKey = await published(fixture)
    expect([byKey.get('spoiled'), firstAppearances(byKey.get(other) ?? [])]).toEqual([[1], [1]])
  })
})

test('a row that ended its process repeatedly is parked, a row that is too large at once', async () => {
  expectLog(/could not be published is parked/)
  await using fixture = await startOutbox()
  const write = (key: string, payload: string) =>
    withTransaction(fixture.pool, (tx) => appendToOutbox(tx, [{ key, type: 'counted', payload }], partitions))
  await write('killer', '{"n":1}')
  await write('large', JSON.stringify({ n: 1, text: 'x'.repeat(9 * 1024 * 1024) }))
  await write('good', '{"n":1}')
  await fixture.redis.commands.config('SET', 'proto-max-bulk-len', 1024 * 1024)
  // As processes leave it that began to publish and ended.
  await fixture.pool.query("UPDATE outbox SET tries = 6 WHERE key = 'killer'")
  await fixture.pool.query("UPDATE outbox SET created_at = now() - interval '1 minute'")
  await using _relay = fixture.relay()
  await eventually(async () => expect((await published(fixture)).get('good')).toEqual([1]), {
    within: 15_000,
  })
  const parked = parkedOutbox(fixture.pool)
  await eventually(async () => expect(await parked.count()).toBe(2))
  const items = (await parked.list(10)).map(({ what, reason }) => [what, reason])
  expect(items.toSorted()).toEqual([
    ['counted of killer', 'The process ended while publishing it'],
    ['counted of large', expect.stringContaining('too large')],
  ])
})
