import { createTokenBuckets } from '@finnigram/admission'
import type { Response } from 'express'
import type { Actor } from '../auth/token-verifier.ts'
import { AppError } from '../errors.ts'
import { createKeyedSemaphore } from '../limits/keyed-semaphore.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { FileBody } from './reply.ts'

/** Requests of one user that are served at once, and that may wait. */
const userConcurrency = { atOnce: 4, mostWaiting: 100 }
/**
 * Bytes of JSON that one user is answered: at once, and each second. A new device needs some
 * megabytes.
 */
const answeredBytes = { burst: 16 * 2 ** 20, perSecond: 4 * 2 ** 20 }

/** The user, where signed in, and the response to come. */
export interface Caller {
  actor: Actor | undefined
  response: Response
}

/** Bytes of JSON that were answered, or a file still to be sent. */
type Answered = number | FileBody
type Run = (caller: Caller, work: () => Promise<Answered>) => Promise<Answered | undefined>

/**
 * Keeps one user from taking what others need: a few permits each (a keyed semaphore), so that one
 * user never holds every database connection, and a token bucket of the bytes they are answered.
 */
export interface UserBulkhead {
  /**
   * Waits for a permit, then does the work unless the client is gone. A user in debt for bytes
   * keeps the permit until they are paid for. Throws `rate_limited` when too much waits.
   */
  run: Run
  /** For work that has a queue of its own. Throws `rate_limited` for a user in debt for bytes. */
  runUnqueued: Run
}

/** `scale` multiplies the bytes. */
export function createUserBulkhead({ metrics, scale }: { metrics: Metrics; scale: number }): UserBulkhead {
  const permits = createKeyedSemaphore<string>(userConcurrency)
  const bytes = createTokenBuckets({
    burst: answeredBytes.burst * scale,
    perSecond: answeredBytes.perSecond * scale,
  })
  const held = metrics.counter(
    'http_answers_held_total',
    'Requests that were delayed or refused because their user had been answered too many bytes',
  )
  const spend = (userId: string, answered: Answered) => {
    if (typeof answered === 'number') bytes.spend(userId, answered)
    return answered
  }
  /** Milliseconds until a user is out of debt for bytes; null when not in debt. */
  const owed = (userId: string) => {
    const waitMs = bytes.take(userId, 0)
    if (waitMs !== null) held.inc()
    return waitMs
  }
  return {
    async run({ actor, response }, work) {
      if (!actor) return work()
      const { userId } = actor
      const permit = permits.acquire(userId)
      if (!permit) throw new AppError('rate_limited', { retryAfter: 1 })
      const release = await permit
      try {
        const isGone = response.destroyed || response.writableEnded
        return isGone ? undefined : spend(userId, await work())
      } finally {
        const waitMs = owed(userId)
        if (waitMs === null) release()
        else setTimeout(release, waitMs).unref()
      }
    },
    async runUnqueued({ actor }, work) {
      if (!actor) return work()
      const waitMs = owed(actor.userId)
      if (waitMs !== null) throw new AppError('rate_limited', { retryAfter: waitMs / 1000 })
      return spend(actor.userId, await work())
    },
  }
}
