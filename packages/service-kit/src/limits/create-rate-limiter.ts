import { createHmac } from 'node:crypto'
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'
import { AppError } from '../errors/app-error.ts'
import type { Logger } from '../logger/create-logger.ts'
import type { Metrics } from '../metrics/create-metrics.ts'
import type { RedisLink } from '../redis/open-redis.ts'

export interface RateLimit {
  /** Separates this limit's counters from all others; the same name shares them. */
  name: string
  points: number
  perSeconds: number
  /** Count in this process only: for hot paths, where a trip to Redis would cost more than it protects. */
  inProcess?: boolean
}

export interface RateLimiter {
  /** Takes one point of `key`. Throws `rate_limited` with the seconds to wait when there is none left. */
  consume(limit: RateLimit, key: string): Promise<void>
}

/** After Redis failed once, the process counts alone for this long before it asks again. */
const restMs = 2000

/**
 * Counts in Redis, shared by all nodes, and in the process while Redis is away: a limit then holds per node, and nobody
 * waits. Whom it counts stands in Redis as a digest under `secret`, which all nodes share: keys are addresses and names.
 * `scale` multiplies every limit.
 */
export function createRateLimiter({
  secret,
  redis,
  scale,
  log,
  metrics,
}: {
  secret: string
  redis: RedisLink | undefined
  scale: number
  log: Logger
  /** Where refusals are counted, if anywhere. */
  metrics?: Metrics
}): RateLimiter {
  const refused = metrics?.counter('rate_limited_total', 'Calls refused by a rate limit', ['limit'])
  // Defines its script now: ioredis crashes on a script that is called into a pipeline opened before it was defined.
  if (redis) new RateLimiterRedis({ storeClient: redis.commands, points: 1, duration: 1 })
  const pairs = new Map<string, Pair>()
  let restUntil = 0

  const pairOf = (limit: RateLimit) => {
    const known = pairs.get(limit.name)
    if (known) return known
    const pair = makePair(limit, { redis, scale })
    pairs.set(limit.name, pair)
    return pair
  }
  const consumeShared = async ({ shared, local }: Pair, key: string) => {
    if (!shared || !redis?.isUp || performance.now() < restUntil) return local.consume(key)
    try {
      return await shared.consume(digestOf(key, secret))
    } catch (error) {
      if (error instanceof RateLimiterRes) throw error
      restUntil = performance.now() + restMs
      log.warn('Rate limits are counted in this process for a moment', { error })
      return local.consume(key)
    }
  }
  return {
    async consume(limit, key) {
      try {
        await consumeShared(pairOf(limit), key)
      } catch (error) {
        if (!(error instanceof RateLimiterRes)) throw error
        refused?.inc({ limit: limit.name })
        throw new AppError('rate_limited', { retryAfter: Math.max(1, Math.ceil(error.msBeforeNext / 1000)) })
      }
    },
  }
}

/** 128 bits: no two keys meet. */
const digestOf = (key: string, secret: string) =>
  createHmac('sha256', secret).update(key).digest('base64url').slice(0, 22)

interface Pair {
  shared: RateLimiterRedis | undefined
  local: RateLimiterMemory
}

function makePair(
  { name, points, perSeconds, inProcess }: RateLimit,
  { redis, scale }: { redis: RedisLink | undefined; scale: number },
): Pair {
  const options = {
    keyPrefix: `finnigram:limit:${name}`,
    points: Math.max(1, Math.round(points * scale)),
    duration: perSeconds,
  }
  return {
    local: new RateLimiterMemory(options),
    shared:
      redis && !inProcess
        ? new RateLimiterRedis({
            ...options,
            storeClient: redis.commands,
            inMemoryBlockOnConsumed: options.points + 1,
          })
        : undefined,
  }
}
