import { eventually, expectLog, logLines, startRedis } from '@finnigram/testing'
import { expect, test } from 'vitest'
import {
  createLogger,
  createMetrics,
  isUnavailable,
  openRedis,
  redisDependency,
  requireFitRedis,
} from '../src/index.ts'
import { testLog } from './serve.ts'
import { startWire } from './start-wire.ts'

test('a command in flight when Redis dies fails at once and is not sent again', async () => {
  await using server = await startRedis({ persistent: true })
  await using redis = openRedis({ url: server.url, name: 'test', log: testLog() })
  await redis.whenUp(2000)
  process.kill(server.pid, 'SIGSTOP')
  const counting = redis.commands.incr('n').catch((error) => error)
  await new Promise((resolve) => setTimeout(resolve, 50))
  await server.stop()
  const startedAt = performance.now()
  expect(isUnavailable(await counting)).toBe(true)
  expect(performance.now() - startedAt).toBeLessThan(500)
  expect(isUnavailable(await redis.commands.get('n').catch((error) => error))).toBe(true)
  await server.start()
  expect(await redis.whenUp(5000)).toBe(true)
  expect(await redis.commands.get('n')).toBeNull()
})

test('commands to a Redis that hangs fail within two seconds', async () => {
  await using server = await startRedis()
  await using redis = openRedis({ url: server.url, name: 'test', log: testLog() })
  await redis.whenUp(2000)
  process.kill(server.pid, 'SIGSTOP')
  const startedAt = performance.now()
  expect(isUnavailable(await redis.commands.get('n').catch((error) => error))).toBe(true)
  expect(performance.now() - startedAt).toBeLessThan(2500)
  process.kill(server.pid, 'SIGCONT')
})

test('an outage is logged once when it begins and once when it ends', async () => {
  await using server = await startRedis()
  await using redis = openRedis({
    url: server.url,
    name: 'test',
    log: createLogger({ service: 'outage', nodeId: 'n' }),
  })
  await redis.whenUp(2000)
  await server.stop()
  await new Promise((resolve) => setTimeout(resolve, 1000))
  expect(redis.isUp).toBe(false)
  await server.start()
  expect(await redis.whenUp(5000)).toBe(true)
  const lines = logLines().filter(({ service }) => service === 'outage')
  const told = lines.map(({ message }) => message).filter((message) => /^Redis is /.test(String(message)))
  expect(told).toEqual(['Redis is away', 'Redis is back'])
})

/** A link as a service has it, and what it says and shows of the server. */
async function look(url: string, name: string) {
  await using parts = new AsyncDisposableStack()
  const metrics = createMetrics(name)
  const log = createLogger({ service: name, nodeId: 'n' })
  const redis = parts.use(openRedis({ url, name, log, metrics }))
  await redis.whenUp(2000)
  await redis.server.whenIdentified(2000)
  const kept = parts.move()
  return {
    redis,
    said: () => logLines().flatMap(({ service, message }) => (service === name ? String(message) : [])),
    shown: async () => /^redis_info\{(.*)\} 1$/m.exec(await metrics.registry.metrics())?.[1],
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

test('a Redis that is too old ends the start, and one that comes later counts as down', async () => {
  expectLog(/Redis 6\..* is too old/)
  await using server = await startRedis()
  await using wire = await startWire(server.url)
  wire.rewrite('redis_version:7.', 'redis_version:6.')
  await using seen = await look(wire.url, 'old')
  const advice = /^Redis 6\..* is too old: version 7 or later is needed\.$/
  await expect(requireFitRedis(seen.redis)).rejects.toThrow(advice)
  expect(seen.said().filter((message) => advice.test(message))).toHaveLength(1)
  expect(await redisDependency(seen.redis).check()).toBe(false)
  await using fit = await look(server.url, 'fit')
  await requireFitRedis(fit.redis)
  expect(await redisDependency(fit.redis).check()).toBe('up')
})

test('a Redis that may evict events, or persists nothing, is logged once and shown', async () => {
  await using server = await startRedis()
  await using admin = await look(server.url, 'admin')
  await admin.redis.commands.config('SET', 'maxmemory-policy', 'allkeys-lru')
  await using seen = await look(server.url, 'evicting')
  expect(seen.said()).toEqual([
    expect.stringContaining('set its maxmemory-policy to noeviction, not allkeys-lru'),
    expect.stringContaining('appendonly no'),
  ])
  expect(await seen.shown()).toMatch(/version="7\..*policy="allkeys-lru",appendonly="no"/)
  await admin.redis.commands.config('SET', 'maxmemory-policy', 'noeviction')
  await admin.redis.commands.config('SET', 'appendonly', 'yes')
  await eventually(async () => expect(await seen.shown()).toMatch(/policy="noeviction",appendonly="yes"/))
  expect(seen.said()).toHaveLength(2)
})

test('a Redis that forbids INFO is used, and that is logged', async () => {
  // The driver says it, too.
  expectLog(/Skipping the ready check/)
  await using server = await startRedis()
  await using admin = await look(server.url, 'chief')
  await admin.redis.commands.call('ACL', 'SETUSER', 'app', 'on', '>secret', '~*', '&*', '+@all', '-info')
  const url = new URL(server.url)
  Object.assign(url, { username: 'app', password: 'secret' })
  await using seen = await look(url.href, 'managed')
  await eventually(() => expect(seen.said()).toEqual([expect.stringContaining('could not be asked')]))
  await requireFitRedis(seen.redis)
  expect(await seen.shown()).toMatch(/version="unknown",policy="unknown",appendonly="unknown"/)
})
