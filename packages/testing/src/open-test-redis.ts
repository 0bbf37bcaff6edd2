import { createLogger, openRedis, type RedisLink } from '@finnigram/service-kit'
import { startRedis, type TestRedis } from './start-redis.ts'

export interface OpenTestRedis extends AsyncDisposable {
  readonly server: TestRedis
  /** Is up. */
  readonly redis: RedisLink
}

/** A Redis server of one's own, and a link to it. */
export async function openTestRedis(): Promise<OpenTestRedis> {
  await using parts = new AsyncDisposableStack()
  const server = parts.use(await startRedis())
  const log = createLogger({ service: 'test', nodeId: 'test' })
  const redis = parts.use(openRedis({ url: server.url, name: 'test', log }))
  await redis.whenUp(5000)
  const kept = parts.move()
  return { server, redis, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}
