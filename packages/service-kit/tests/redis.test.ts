import { expect, test } from 'vitest'
import { createLogger, isUnavailable, openRedis } from '../src/index.ts'
import { logLines, startRedis } from '../src/testing/index.ts'
import { testLog } from './serve.ts'

test('a command under way when Redis dies fails at once and is not sent again', async () => {
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

test('a Redis that hangs is given up on within two seconds', async () => {
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
  expect(lines.map(({ message }) => message)).toEqual(['Redis is away', 'Redis is back'])
})
