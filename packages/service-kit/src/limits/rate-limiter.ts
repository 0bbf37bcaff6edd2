import { createHmac } from 'node:crypto'
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'
import { AppError } from '../errors.ts'
import type { Logger } from '../logger/logger.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { RedisLink } from '../redis/open-redis.ts'

export interface RateLimit {
  /** Separates this limit's counters from all others of its service; the same name shares them. */
  name: string
  points: number
  perSeconds: number
  /** Count in this process only: for hot paths, where a trip to Redis would cost more than it protects. */
  inProcess?: boolean
  /** One call may take several points; where they do not fit, it takes none. */
  isWeighted?: boolean
}

export interface RateLimiter {
  /** Takes points of `key`, one unless said. Throws `rate_limited` with the seconds to wait when there are not as many left. */
  consume(limit: RateLimit, key: string, points?: number): Promise<void>
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

/** After Redis failed once, the process counts alone for this long before it asks again. */
const restMs = 2000

/**
 * Counts in Redis, shared by all nodes, and in the process while Redis is away: a limit then holds per node, and nobody
 * waits. Services that share a Redis count apart, whatever their limits are called. Whom a limit counts stands in Redis as
 * a digest under `secret`, which all nodes share: keys are addresses and names. `scale` multiplies every limit.
 */
export function createRateLimiter({
  service,
  secret,
  redis,
  scale,
  log,
  metrics,
}: RateLimiterOptions): RateLimiter {
  const refused = metrics?.counter('rate_limited_total', 'Requests that a rate limit refused', ['limit'])
  // Defines its script now: ioredis crashes on a script that is called into a pipeline opened before it was defined.
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
      log.warn('Rate limits are counted in this process for a moment', { error })
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

/** 128 bits: no two keys meet. */
const digestOf = (key: string, secret: string) =>
  createHmac('sha256', secret).update(key).digest('base64url').slice(0, 22)

type Take = (limiter: RateLimiterRedis | RateLimiterMemory, key: string, points: number) => Promise<unknown>

const take: Take = (limiter, key, points) => limiter.consume(key, points)

/** Points that were refused are given back: who asked for too many may ask for fewer. */
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
