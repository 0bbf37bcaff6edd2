import { eventually } from '@finnigram/testing'
import { expect, test } from 'vitest'
import { openRedis, type RedisLink, tailStreams } from '../src/index.ts'
import { testLog } from './serve.ts'
import { add, startStreams, streams } from './stream-fixture.ts'

function follow(redis: RedisLink, { slow = async () => {} }: { slow?: () => Promise<void> } = {}) {
  const seen: number[] = []
  const gaps: string[] = []
  const tail = tailStreams({
    redis,
    log: testLog(),
    streams,
    checkEveryMs: 100,
    async onEntries(entries) {
      for (const { payload } of entries) seen.push(JSON.parse(payload).n)
      await slow()
    },
    onGap: (reason) => gaps.push(reason),
  })
  return { tail, seen, gaps, [Symbol.asyncDispose]: () => tail[Symbol.asyncDispose]() }
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 400))

test('a tail sees what is published from its start on, on all streams, and nothing earlier', async () => {
  await using fixture = await startStreams()
  await add(fixture.redis, 1)
  await using reader = follow(fixture.redis)
  await reader.tail.ready
  await add(fixture.redis, 2)
  await add(fixture.redis, 3, 'test:{1}')
  await eventually(() => expect(reader.seen.toSorted()).toEqual([2, 3]))
  await settle()
  expect(reader.gaps).toEqual([])
})

test('many entries under load and checks meanwhile are never mistaken for a gap', async () => {
  await using fixture = await startStreams()
  await using reader = follow(fixture.redis)
  await reader.tail.ready
  for (let n = 0; n < 4000; n += 1) {
    void add(fixture.redis, n, streams[n % 2])
    if (n % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  }
  await eventually(() => expect(reader.seen).toHaveLength(4000))
  await settle()
  expect(reader.gaps).toEqual([])
})

test('a reader so slow that entries are trimmed before it reads them gets a gap', async () => {
  await using fixture = await startStreams()
  const resume = Promise.withResolvers<void>()
  await using reader = follow(fixture.redis, { slow: () => resume.promise })
  await reader.tail.ready
  await add(fixture.redis, 1)
  await eventually(() => expect(reader.seen).toEqual([1]))
  for (let n = 2; n <= 20; n += 1) await add(fixture.redis, n)
  await fixture.redis.commands.xtrim('test:{0}', 'MAXLEN', 3)
  resume.resolve()
  await eventually(() => expect(reader.gaps).toHaveLength(1))
  await add(fixture.redis, 21)
  await eventually(() => expect(reader.seen).toContain(21))
  await settle()
  expect(reader.gaps).toHaveLength(1)
})

test('a stream that is emptied of what was not read is noticed, even when nothing follows', async () => {
  await using fixture = await startStreams()
  const resume = Promise.withResolvers<void>()
  await using reader = follow(fixture.redis, { slow: () => resume.promise })
  await reader.tail.ready
  await add(fixture.redis, 1)
  await eventually(() => expect(reader.seen).toEqual([1]))
  for (let n = 2; n <= 5; n += 1) await add(fixture.redis, n)
  await fixture.redis.commands.xtrim('test:{0}', 'MAXLEN', 0)
  resume.resolve()
  await eventually(() => expect(reader.gaps).toHaveLength(1))
})

test('trimming entries that were read is no gap', async () => {
  await using fixture = await startStreams()
  await using reader = follow(fixture.redis)
  await reader.tail.ready
  for (let n = 0; n < 10; n += 1) await add(fixture.redis, n)
  await eventually(() => expect(reader.seen).toHaveLength(10))
  await fixture.redis.commands.xtrim('test:{0}', 'MAXLEN', 0)
  await settle()
  expect(reader.gaps).toEqual([])
  await add(fixture.redis, 10)
  await eventually(() => expect(reader.seen).toHaveLength(11))
})

test('FLUSHALL is noticed, and reading goes on', async () => {
  await using fixture = await startStreams()
  await using reader = follow(fixture.redis)
  await reader.tail.ready
  await add(fixture.redis, 1)
  await eventually(() => expect(reader.seen).toEqual([1]))
  await fixture.redis.commands.flushall()
  await eventually(() => expect(reader.gaps).toEqual(['the stream was emptied or replaced']))
  await add(fixture.redis, 2)
  await eventually(() => expect(reader.seen).toEqual([1, 2]))
})

test('a Redis that comes back empty is a gap; one that kept everything is none', async () => {
  for (const persistent of [false, true]) {
    await using fixture = await startStreams({ persistent })
    await using reader = follow(fixture.redis)
    await reader.tail.ready
    await add(fixture.redis, 1)
    await eventually(() => expect(reader.seen).toEqual([1]))
    await fixture.server.stop()
    await new Promise((resolve) => setTimeout(resolve, 200))
    await fixture.server.start()
    expect(await fixture.redis.whenUp(5000)).toBe(true)
    await add(fixture.redis, 2)
    await eventually(() =>
      persistent ? expect(reader.seen).toEqual([1, 2]) : expect(reader.gaps).toHaveLength(1),
    )
    await add(fixture.redis, 3)
    await eventually(() => expect(reader.seen).toContain(3))
    await settle()
    expect(reader.gaps).toHaveLength(persistent ? 0 : 1)
  }
})

test('entries published while the connection is cut are read afterwards, once', async () => {
  await using fixture = await startStreams()
  await using reader = follow(fixture.redis)
  await reader.tail.ready
  const id = await eventually(async () => {
    const blocked = String(await fixture.redis.commands.client('LIST'))
      .split('\n')
      .find((line) => line.includes('cmd=xread'))
    const found = Number(/id=(\d+)/.exec(blocked ?? '')?.[1])
    expect(found).toBeGreaterThan(0)
    return found
  })
  await fixture.redis.commands.client('KILL', 'ID', id)
  for (let n = 0; n < 5; n += 1) await add(fixture.redis, n)
  await eventually(() => expect(reader.seen).toEqual([0, 1, 2, 3, 4]))
  await settle()
  expect(reader.gaps).toEqual([])
})

test('a tail that starts before Redis waits for it', async () => {
  await using fixture = await startStreams()
  await fixture.server.stop()
  await using late = openRedis({ url: fixture.server.url, name: 'late', log: testLog() })
  await using reader = follow(late)
  await fixture.server.start()
  await reader.tail.ready
  await add(late, 1)
  await eventually(() => expect(reader.seen).toEqual([1]))
})
