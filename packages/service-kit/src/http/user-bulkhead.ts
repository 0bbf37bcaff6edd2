import { createTokenBuckets } from '@finnigram/admission'
import type { Response } from 'express'
import type { Actor } from '../auth/token-verifier.ts'
import { AppError } from '../errors.ts'
import { createTurns } from '../limits/keyed-semaphore.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { FileBody } from './reply.ts'

/** Requests of one person that are worked on at once, and that may wait for their turn. */
const personTurns = { atOnce: 4, mostWaiting: 100 }
/**
 * Bytes of JSON that one person is answered: at once, and each second. A device that has everything
 * to learn needs some megabytes.
 */
const answeredBytes = { burst: 16 * 2 ** 20, perSecond: 4 * 2 ** 20 }

/** Who asks, and the answer that is to be. */
export interface Caller {
  actor: Actor | undefined
  response: Response
}

/** Bytes of JSON that were answered, or a file that is to be. */
type Answered = number | FileBody
type Run = (caller: Caller, work: () => Promise<Answered>) => Promise<Answered | undefined>

/**
 * Keeps one person from taking what others need: turns, of which each has few, and bytes that they
 * are answered.
 */
export interface PersonTurns {
  /**
   * Work for one person waits for work for the same person, so that it never takes every connection of the database. Who
   * was answered very much has the next turn once those bytes are paid for. Nothing is done for a caller who is gone.
   */
  run: Run
  /**
   * The same for work that has a queue of its own: who was answered very much is refused with
   * `rate_limited`.
   */
  runInOwnQueue: Run
}

/** `scale` multiplies the bytes. */
export function createPersonTurns({ metrics, scale }: { metrics: Metrics; scale: number }): PersonTurns {
  const turns = createTurns<string>(personTurns)
  const bytes = createTokenBuckets({
    burst: answeredBytes.burst * scale,
    perSecond: answeredBytes.perSecond * scale,
  })
  const held = metrics.counter(
    'http_answers_held_total',
    'Requests that were held back or refused because their person had been answered very much',
  )
  const spend = (userId: string, answered: Answered) => {
    if (typeof answered === 'number') bytes.spend(userId, answered)
    return answered
  }
  /** Until a person has paid for their bytes, in milliseconds; null where they have. */
  const owed = (userId: string) => {
    const waitMs = bytes.take(userId, 0)
    if (waitMs !== null) held.inc()
    return waitMs
  }
  return {
    async run({ actor, response }, work) {
      if (!actor) return work()
      const { userId } = actor
      const { promise, resolve } = Promise.withResolvers<() => void>()
      if (!turns.enter(userId, resolve)) throw new AppError('rate_limited', { retryAfter: 1 })
      const done = await promise
      try {
        const isGone = response.destroyed || response.writableEnded
        return isGone ? undefined : spend(userId, await work())
      } finally {
        const waitMs = owed(userId)
        if (waitMs === null) done()
        else setTimeout(done, waitMs).unref()
      }
    },
    async runInOwnQueue({ actor }, work) {
      if (!actor) return work()
      const waitMs = owed(actor.userId)
      if (waitMs !== null) throw new AppError('rate_limited', { retryAfter: waitMs / 1000 })
      return spend(actor.userId, await work())
    },
  }
}
