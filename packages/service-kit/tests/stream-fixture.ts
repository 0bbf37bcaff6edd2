import { startRedis } from '@finnigram/testing'
import { z } from 'zod'
import { createConsumer, createMetrics, openRedis, type RedisLink } from '../src/index.ts'
import { testLog } from './serve.ts'

export const streams = ['test:{0}', 'test:{1}']
const events = { counted: z.object({ n: z.int() }), other: z.object({}) }

/** A Redis with a connection to it. */
export async function startStreams({ persistent = false } = {}) {
  await using parts = new AsyncDisposableStack()
  const server = parts.use(await startRedis({ persistent }))
  const redis = parts.use(openRedis({ url: server.url, name: 'test', log: testLog() }))
  await redis.whenUp(5000)
  const kept = parts.move()
  return { server, redis, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

export async function add(
  redis: RedisLink,
  n: number,
  stream = 'test:{0}',
  type = 'counted',
): Promise<string> {
  const id = await redis.commands.xadd(
    stream,
    '*',
    'type',
    type,
    'key',
    'k',
    'payload',
    `{"n":${n}}`,
    'requestId',
    `req-${n}`,
  )
  if (!id) throw new Error('Nothing was added')
  return id
}

type Options = Parameters<typeof createConsumer<typeof events>>[0]

export function consume(redis: RedisLink, options: Partial<Options> & Pick<Options, 'handlers'>) {
  return createConsumer({
    redis,
    log: testLog(),
    metrics: createMetrics('test'),
    streams,
    group: 'readers',
    consumer: 'one',
    events,
    ...options,
  })
}
