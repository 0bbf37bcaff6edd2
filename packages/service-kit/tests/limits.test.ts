import { startRedis } from '@finnigram/testing'
import { expect, test } from 'vitest'
import { createMetrics, createRateLimiter, openRedis } from '../src/index.ts'
import { testLog } from './serve.ts'

const secret = 'a secret of all nodes'
const limit = { name: 'test', points: 3, perSeconds: 60 }

async function usedBefore429(
  limiter: ReturnType<typeof createRateLimiter>,
  key: string,
  tries = 20,
): Promise<number> {
  for (let i = 0; i < tries; i += 1) {
    const code = await limiter.consume(limit, key).then(
      () => undefined,
      (error) => error.code,
    )
    if (code === 'rate_limited') return i
    if (code) throw new Error(code)
  }
  return tries
}

test('two nodes share a limit through Redis', async () => {
  await using server = await startRedis()
  await using one = openRedis({ url: server.url, name: 'one', log: testLog() })
  await using two = openRedis({ url: server.url, name: 'two', log: testLog() })
  await Promise.all([one.whenUp(2000), two.whenUp(2000)])
  const first = createRateLimiter({ service: 'test', secret, redis: one, scale: 1, log: testLog() })
  const second = createRateLimiter({ service: 'test', secret, redis: two, scale: 1, log: testLog() })
  await first.consume(limit, 'a')
  await second.consume(limit, 'a')
  expect(await usedBefore429(first, 'a')).toBe(1)
  expect(await usedBefore429(second, 'a')).toBe(0)
  expect(await usedBefore429(second, 'b')).toBe(3)
})

test('limits of two services with the same name and Redis count apart', async () => {
  await using server = await startRedis()
  await using redis = openRedis({ url: server.url, name: 'one', log: testLog() })
  await redis.whenUp(2000)
  const of = (service: string) => createRateLimiter({ service, secret, redis, scale: 1, log: testLog() })
  const short = { ...limit, perSeconds: 1 }
  await of('users').consume(limit, 'a')
  await of('messages').consume(short, 'a')
  expect(await usedBefore429(of('users'), 'a')).toBe(2)
  const ends = await Promise.all((await redis.commands.keys('*')).map((key) => redis.commands.pttl(key)))
  expect(ends.sort((a, b) => a - b)).toEqual([expect.closeTo(1_000, -3), expect.closeTo(60_000, -3)])
})

test('users and addresses cannot be read in Redis, nor guessed without the secret', async () => {
  await using server = await startRedis()
  await using redis = openRedis({ url: server.url, name: 'one', log: testLog() })
  await redis.whenUp(2000)
  const keysBy = async (secret: string) => {
    await createRateLimiter({ service: 'test', secret, redis, scale: 1, log: testLog() }).consume(
      limit,
      'anna@example.org',
    )
    const keys = await redis.commands.keys('*')
    await redis.commands.flushall()
    return keys
  }
  const keys = await keysBy(secret)
  expect(keys).toEqual([expect.stringMatching(/^finnigram:limit:test:test:[\w-]{22}$/)])
  expect(await keysBy(secret)).toEqual(keys)
  expect(await keysBy('another secret')).not.toEqual(keys)
})

test('a weighted call that does not fit takes no points, in Redis and without it', async () => {
  await using server = await startRedis()
  await using link = openRedis({ url: server.url, name: 'one', log: testLog() })
  await link.whenUp(2000)
  const weighted = { name: 'weighted', points: 10, perSeconds: 60, isWeighted: true }
  for (const redis of [link, undefined]) {
    const limiter = createRateLimiter({ service: 'test', secret, redis, scale: 1, log: testLog() })
    await limiter.consume(weighted, 'a', 7)
    for (let times = 0; times < 3; times += 1)
      await expect(limiter.consume(weighted, 'a', 4)).rejects.toMatchObject({ code: 'rate_limited' })
    await limiter.consume(weighted, 'a', 3)
    await expect(limiter.consume(weighted, 'a')).rejects.toMatchObject({ code: 'rate_limited' })
  }
})

test('the scale multiplies every limit', async () => {
  const limiter = createRateLimiter({ service: 'test', secret, redis: undefined, scale: 4, log: testLog() })
  expect(await usedBefore429(limiter, 'a')).toBe(12)
})

test('while Redis is away each node counts alone, at once and without an error', async () => {
  await using server = await startRedis()
  await using redis = openRedis({ url: server.url, name: 'one', log: testLog() })
  await redis.whenUp(2000)
  const limiter = createRateLimiter({ service: 'test', secret, redis, scale: 1, log: testLog() })
  expect(await usedBefore429(limiter, 'a')).toBe(3)
  await server.stop()
  const startedAt = performance.now()
  expect(await usedBefore429(limiter, 'b')).toBe(3)
  expect(performance.now() - startedAt).toBeLessThan(500)
  await server.start()
  expect(await redis.whenUp(5000)).toBe(true)
  expect(await usedBefore429(limiter, 'c')).toBe(3)
})

test('a Redis that hangs costs one request its timeout, not all of them', async () => {
  await using server = await startRedis()
  await using redis = openRedis({ url: server.url, name: 'one', log: testLog() })
  await redis.whenUp(2000)
  const limiter = createRateLimiter({ service: 'test', secret, redis, scale: 1, log: testLog() })
  process.kill(server.pid, 'SIGSTOP')
  await limiter.consume(limit, 'a')
  const startedAt = performance.now()
  await limiter.consume(limit, 'a')
  expect(performance.now() - startedAt).toBeLessThan(200)
  process.kill(server.pid, 'SIGCONT')
})

test('a metric counts refusals by limit', async () => {
  const metrics = createMetrics('test')
  const limiter = createRateLimiter({
    service: 'test',
    secret,
    redis: undefined,
    scale: 1,
    log: testLog(),
    metrics,
  })
  await usedBefore429(limiter, 'a')
  expect(await metrics.registry.metrics()).toContain('rate_limited_total{limit="test",service="test"} 1')
})
