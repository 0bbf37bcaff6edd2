import { eventually } from '@finnigram/testing'
import { expect, test } from 'vitest'
import { appendToOutbox, openRedis, withTransaction } from '../src/index.ts'
import { createPublisher } from '../src/outbox/publish-entries.ts'
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

test('events that a failover of Redis lost are published again, in order, before new ones', async () => {
  await using fixture = await startOutbox()
  await using pair = await startFailoverPair()
  await using redis = openRedis({ url: pair.url, name: 'test', log: testLog() })
  await redis.whenUp(5000)
  await using relay = fixture.relay({ redis })
  await using _other = fixture.relay({ redis })
  await createCounters(fixture.pool)
  const commitAll = async () => {
    for (const key of keys) relay.wake(await commitNumbered(fixture.pool, key))
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

test('a restarted Redis that lost nothing gets no event again', async () => {
  await using fixture = await startOutbox()
  await using relay = fixture.relay()
  await createCounters(fixture.pool)
  for (const key of keys) relay.wake(await commitNumbered(fixture.pool, key))
  await eventually(async () => expect((await published(fixture)).size).toBe(keys.length))
  await fixture.server.stop()
  await fixture.server.start()
  relay.wake(await commitNumbered(fixture.pool, 'a'))
  await eventually(async () => expect((await published(fixture)).get('a')).toEqual([1, 2]), { within: 5000 })
  for (const key of keys.slice(1)) expect((await published(fixture)).get(key)).toEqual([1])
})

test('after a restart of Redis trimmed events are not published again, lost ones are', async () => {
  await using fixture = await startOutbox()
  await createCounters(fixture.pool)
  const commit = async () => relay.wake(await commitNumbered(fixture.pool, 'a'))
  await using relay = fixture.relay()
  for (let n = 1; n <= 5; n += 1) await commit()
  await eventually(async () => expect((await published(fixture)).get('a')).toEqual(countTo(5)))
  const { rows } = await fixture.pool.query<{ partition: number }>(
    'SELECT DISTINCT partition FROM outbox_sent',
  )
  const name = streamOf(rows[0]?.partition ?? 0)
  await fixture.redis.commands.xtrim(name, 'MAXLEN', 2)
  await fixture.server.stop()
  await fixture.server.start()
  await commit()
  await eventually(async () => expect((await published(fixture)).get('a')).toEqual([4, 5, 6]), {
    within: 5000,
  })
  await fixture.redis.commands.del(name)
  await fixture.server.stop()
  await fixture.server.start()
  await commit()
  await eventually(async () => expect((await published(fixture)).get('a')).toEqual(countTo(7)), {
    within: 5000,
  })
})

test('a relay that stood still is fenced off once another has published', async () => {
  await using fixture = await startOutbox()
  await using way = await startForwarder(Number(new URL(fixture.server.url).port))
  await using slow = openRedis({ url: way.url, name: 'slow', log: testLog() })
  await slow.whenUp(5000)
  await slow.server.whenIdentified(5000)
  const stalled = createPublisher(slow.commands, { stream: streamOf, keep: 1000 })
  const deadline = await stalled.deadline()
  await createCounters(fixture.pool)
  const [partition = 0] = await commitNumbered(fixture.pool, 'k')
  const { rows } = await fixture.pool.query('SELECT *, pg_current_xact_id()::text AS token FROM outbox')

  const holding = way.hold()
  const late = stalled.publish(rows, { token: rows[0].token, deadline }).catch((error: unknown) => error)
  await using relay = fixture.relay()
  relay.wake([partition, ...(await commitNumbered(fixture.pool, 'k'))])
  await eventually(async () => expect((await published(fixture)).get('k')).toEqual([1, 2]))
  holding[Symbol.dispose]()
  expect(String(await late)).toContain('FENCED')
  expect((await published(fixture)).get('k')).toEqual([1, 2])
})

test('a round past its deadline is refused, even without another relay', async () => {
  await using fixture = await startOutbox()
  const publisher = createPublisher(fixture.redis.commands, { stream: streamOf, keep: 1000 })
  const row = { id: '1', partition: 0, key: 'k', type: 'counted', payload: '{"n":1}', request_id: null }
  const deadline = (await publisher.deadline()) - 6000
  await expect(publisher.publish([row], { token: '1', deadline })).rejects.toThrow('FENCED')
  expect(await published(fixture)).toEqual(new Map())
})

test('published rows are deleted after two minutes', async () => {
  await using fixture = await startOutbox()
  await withTransaction(fixture.pool, (tx) =>
    appendToOutbox(
      tx,
      countTo(3).map((n) => ({ key: 'k', type: 'counted', payload: `{"n":${n}}` })),
      partitions,
    ),
  )
  const kept = async () => (await fixture.pool.query('SELECT id::int FROM outbox_sent ORDER BY id')).rows
  {
    await using _relay = fixture.relay()
    await eventually(async () => expect(await kept()).toHaveLength(3))
  }
  await fixture.pool.query(
    `UPDATE outbox_sent SET sent_at = now() - interval '121 seconds', token = 1 WHERE id < 3`,
  )
  await using _relay = fixture.relay()
  await eventually(async () => expect(await kept()).toEqual([{ id: 3 }]))
})
