import { createHmac } from 'node:crypto'
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'
import { AppError } from '../errors.ts'
import type { Logger } from '../logger/logger.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { RedisLink } from '../redis/open-redis.ts'

/**
 * Rate limits of a service: so many points per window and key, a user or an address.
 *
 * Promise: a limit holds over all nodes while Redis is up. While it is away, each node counts
 * alone, so that a limit holds per node and no request waits or fails because of Redis.
 *
 * Key space: finnigram:limit:<service>:<limit>:<digest>. Services that share a Redis count apart.
 * Users and addresses appear only as an HMAC under `secret`, which all nodes share.
 *
 * Refusals are `rate_limited` with a Retry-After, and are counted by `rate_limited_total`. Routes
 * declare their limits in the route table (`http/route.ts`), use cases may call `consume`. Rates of
 * a single process, such as bytes or sockets, are token buckets (`@finnigram/admission`).
 */
export interface RateLimiter {
  /**
   * Takes points of `key`, one unless said. Throws `rate_limited` with the seconds to wait when
   * there are not as many left.
   */
  consume(limit: RateLimit, key: string, points?: number): Promise<void>
}

export interface RateLimit {
  /** Separates the counters of this limit from others of its service; the same name shares them. */
  name: string
  points: number
  perSeconds: number
  /**
   * Counts in this process only: for hot paths, where a trip to Redis costs more than it protects.
   */
  inProcess?: boolean
  /** One call may take several points, all or none. */
  isWeighted?: boolean
}

interface RateLimiterOptions {
  service: string
  secret: string
  redis: RedisLink | undefined
  scale: number
  log: Logger
  /** Where refusals are counted, if anywhere. */
  metrics?: Metrics
}

/** After a failure of Redis the process counts alone for so long. */
const restMs = 2000

/** `scale` multiplies every limit. */
export function createRateLimiter({
  service,
  secret,
  redis,
  scale,
  log,
  metrics,
}: RateLimiterOptions): RateLimiter {
  const refused = metrics?.counter('rate_limited_total', 'Requests that a rate limit refused', ['limit'])
  // Defines its script now: ioredis crashes when a script is called in a pipeline that is older.
  if (redis) new RateLimiterRedis({ storeClient: redis.commands, points: 1, duration: 1 })
  const pairs = new Map<string, Pair>()
  let restUntil = 0

  const pairOf = (limit: RateLimit) => {
    const known = pairs.get(limit.name)
    if (known) return known
    const pair = makePair(limit, { service, redis, scale })
    pairs.set(limit.name, pair)
    return pair
  }
  const consumeShared = async ({ shared, local, take }: Pair, key: string, points: number) => {
    if (!shared || !redis?.isUp || performance.now() < restUntil) return take(local, key, points)
    try {
      return await take(shared, digestOf(key, secret), points)
    } catch (error) {
      if (error instanceof RateLimiterRes) throw error
      restUntil = performance.now() + restMs
      log.warn('Redis is unavailable: rate limits are counted in this process for now', { error })
      return take(local, key, points)
    }
  }
  return {
    async consume(limit, key, points = 1) {
      try {
        await consumeShared(pairOf(limit), key, points)
      } catch (error) {
        if (!(error instanceof RateLimiterRes)) throw error
        refused?.labels(limit.name).inc()
        throw new AppError('rate_limited', { retryAfter: Math.max(1, Math.ceil(error.msBeforeNext / 1000)) })
      }
    },
  }
}

/** 128 bits: no collisions. */
const digestOf = (key: string, secret: string) =>
  createHmac('sha256', secret).update(key).digest('base64url').slice(0, 22)

type Take = (limiter: RateLimiterRedis | RateLimiterMemory, key: string, points: number) => Promise<unknown>

const take: Take = (limiter, key, points) => limiter.consume(key, points)

/** Gives refused points back, so that a smaller call may still succeed. */
const takeAllOrNone: Take = async (limiter, key, points) => {
  try {
    await limiter.consume(key, points)
  } catch (error) {
    if (points > 1 && error instanceof RateLimiterRes) await limiter.reward(key, points)
    throw error
  }
}

interface Pair {
  shared: RateLimiterRedis | undefined
  local: RateLimiterMemory
  take: Take
}

function makePair(
  { name, points, perSeconds, inProcess, isWeighted }: RateLimit,
  { service, redis, scale }: { service: string; redis: RedisLink | undefined; scale: number },
): Pair {
  const options = {
    keyPrefix: `finnigram:limit:${service}:${name}`,
    points: Math.max(1, Math.round(points * scale)),
    duration: perSeconds,
  }
  return {
    local: new RateLimiterMemory(options),
    take: isWeighted ? takeAllOrNone : take,
    shared:
      redis && !inProcess
        ? new RateLimiterRedis({
            ...options,
            storeClient: redis.commands,
            ...(isWeighted ? {} : { inMemoryBlockOnConsumed: options.points + 1 }),
          })
        : undefined,
  }
}
