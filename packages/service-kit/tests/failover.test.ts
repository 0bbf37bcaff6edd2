import { expect, test } from 'vitest'
import { appendToOutbox, openRedis, withTransaction } from '../src/index.ts'
import { createPublisher } from '../src/outbox/publish-entries.ts'
import { eventually } from '../src/testing/index.ts'
import { startFailoverPair, startForwarder } from './failover-fixture.ts'
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

const keys = ['a', 'b', 'c', 'd', 'e', 'f']

test('what a failover of Redis loses is published again, in order, before anything new', async () => {
  await using box = await startOutbox()
  await using pair = await startFailoverPair()
  await using redis = openRedis({ url: pair.url, name: 'test', log: testLog() })
  await redis.whenUp(5000)
  await using relay = box.relay({ redis })
  await using _other = box.relay({ redis })
  await createCounters(box.pool)
  const commitAll = async () => {
    for (const key of keys) relay.wake(await commitNumbered(box.pool, key))
  }
  const arrived = async (n: number) => {
    const byKey = await published({ redis })
    for (const key of keys) expect(byKey.get(key)?.at(-1)).toBe(n)
  }
  await commitAll()
  await eventually(() => arrived(1))
  pair.lag()
  await commitAll()
  await commitAll()
  await eventually(() => arrived(3))

  await pair.failOver()
  await commitAll()
  await eventually(() => arrived(4), { within: 10_000 })
  const byKey = await published({ redis })
  for (const key of keys) expect(firstAppearances(byKey.get(key) ?? [])).toEqual([1, 2, 3, 4])
})

test('a restarted Redis that lost nothing gets nothing again', async () => {
  await using box = await startOutbox()
  await using relay = box.relay()
  await createCounters(box.pool)
  for (const key of keys) relay.wake(await commitNumbered(box.pool, key))
  await eventually(async () => expect((await published(box)).size).toBe(keys.length))
  await box.server.stop()
  await box.server.start()
  relay.wake(await commitNumbered(box.pool, 'a'))
  await eventually(async () => expect((await published(box)).get('a')).toEqual([1, 2]), { within: 5000 })
  for (const key of keys.slice(1)) expect((await published(box)).get(key)).toEqual([1])
})

test('what a restarted Redis had let go of to stay small is not published again, what it lost is', async () => {
  await using box = await startOutbox()
  await createCounters(box.pool)
  const commit = async () => relay.wake(await commitNumbered(box.pool, 'a'))
  await using relay = box.relay()
  for (let n = 1; n <= 5; n += 1) await commit()
  await eventually(async () => expect((await published(box)).get('a')).toEqual(countTo(5)))
  const { rows } = await box.pool.query<{ partition: number }>('SELECT DISTINCT partition FROM outbox_sent')
  const name = streamOf(rows[0]?.partition ?? 0)
  await box.redis.commands.xtrim(name, 'MAXLEN', 2)
  await box.server.stop()
  await box.server.start()
  await commit()
  await eventually(async () => expect((await published(box)).get('a')).toEqual([4, 5, 6]), { within: 5000 })
  await box.redis.commands.del(name)
  await box.server.stop()
  await box.server.start()
  await commit()
  await eventually(async () => expect((await published(box)).get('a')).toEqual(countTo(7)), { within: 5000 })
})

test('a relay that stood still publishes nothing after another has gone on', async () => {
  await using box = await startOutbox()
  await using way = await startForwarder(Number(new URL(box.server.url).port))
  await using slow = openRedis({ url: way.url, name: 'slow', log: testLog() })
  await slow.whenUp(5000)
  await slow.server.whenIdentified(5000)
  const stalled = createPublisher(slow.commands, { stream: streamOf, keep: 1000 })
  const deadline = await stalled.deadline()
  await createCounters(box.pool)
  const [partition = 0] = await commitNumbered(box.pool, 'k')
  const { rows } = await box.pool.query('SELECT *, pg_current_xact_id()::text AS token FROM outbox')

  const holding = way.hold()
  const late = stalled.publish(rows, { token: rows[0].token, deadline }).catch((error: unknown) => error)
  await using relay = box.relay()
  relay.wake([partition, ...(await commitNumbered(box.pool, 'k'))])
  await eventually(async () => expect((await published(box)).get('k')).toEqual([1, 2]))
  holding[Symbol.dispose]()
  expect(String(await late)).toContain('FENCED')
  expect((await published(box)).get('k')).toEqual([1, 2])
})

test('a round that was taken too long ago is refused, whoever else is there', async () => {
  await using box = await startOutbox()
  const publisher = createPublisher(box.redis.commands, { stream: streamOf, keep: 1000 })
  const row = { id: '1', partition: 0, key: 'k', type: 'counted', payload: '{"n":1}', request_id: null }
  const deadline = (await publisher.deadline()) - 6000
  await expect(publisher.publish([row], { token: '1', deadline })).rejects.toThrow('FENCED')
  expect(await published(box)).toEqual(new Map())
})

test('what was published is forgotten after two minutes', async () => {
  await using box = await startOutbox()
  await withTransaction(box.pool, (tx) =>
    appendToOutbox(
      tx,
      countTo(3).map((n) => ({ key: 'k', type: 'counted', payload: `{"n":${n}}` })),
      partitions,
    ),
  )
  const kept = async () => (await box.pool.query('SELECT id::int FROM outbox_sent ORDER BY id')).rows
  {
    await using _relay = box.relay()
    await eventually(async () => expect(await kept()).toHaveLength(3))
  }
  await box.pool.query(
    `UPDATE outbox_sent SET sent_at = now() - interval '121 seconds', token = 1 WHERE id < 3`,
  )
  await using _relay = box.relay()
  await eventually(async () => expect(await kept()).toEqual([{ id: 3 }]))
})
