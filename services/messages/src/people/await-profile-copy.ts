import { pause } from '@finnigram/service-kit'
import type pg from 'pg'
import type { WithMetrics, WithPool } from '../deps.ts'

/** Waits until the profile copy knows people who have just registered. */
export interface ProfileCopyWaiter {
  /**
   * Resolves once all of `ids` are known, at the latest after a second. It does not wait for ids
   * that are older, nor for more ids than its bounds allow.
   */
  wait(ids: readonly string[]): Promise<void>
}

export interface WithProfileCopyWaiter {
  readonly newcomers: ProfileCopyWaiter
}

/** How long the event of a registration may take, in milliseconds. */
const eventTakesMs = 1000
/**
 * An older id is known or does not exist. Also the most by which the clocks of two services differ.
 */
const newForMs = 30_000
const pollEveryMs = 40
/** Ids awaited at once: by one call, and by this process. Callers may invent ids. */
const mostOfOne = 200
const mostAwaited = 2000

/** One query in each round looks for all awaited ids. */
export function createProfileCopyWaiter({ pool, metrics }: WithPool & WithMetrics): ProfileCopyWaiter {
  /** The callers that wait for each id. */
  const awaited = new Map<string, Set<() => void>>()
  let isPolling = false
  metrics.gauge('newcomers_awaited', 'User ids created just now that the profile copy does not know yet', {
    collect: () => awaited.size,
  })
  const unawaited = metrics.counter(
    'newcomers_unawaited_total',
    'User ids that were not awaited because of the bounds',
  )

  const poll = async () => {
    while (awaited.size > 0) {
      await pause(pollEveryMs)
      // After an error the callers stop waiting, and meet it in their own query.
      const found = await findKnown(pool, [...awaited.keys()]).catch(() => [...awaited.keys()])
      for (const id of found) for (const stopWaiting of awaited.get(id) ?? []) stopWaiting()
    }
    isPolling = false
  }
  const waitFor = (id: string) => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const waiting = awaited.get(id) ?? new Set()
    const stopWaiting = () => {
      clearTimeout(timer)
      waiting.delete(stopWaiting)
      if (waiting.size === 0 && awaited.get(id) === waiting) awaited.delete(id)
      resolve()
    }
    const timer = setTimeout(stopWaiting, eventTakesMs)
    awaited.set(id, waiting.add(stopWaiting))
    return promise
  }
  return {
    async wait(ids) {
      const young = [...new Set(ids)].filter(isYoung)
      const free = Math.max(0, Math.min(mostOfOne, mostAwaited - awaited.size))
      const accepted = young.slice(0, free)
      if (young.length > accepted.length) unawaited.inc(young.length - accepted.length)
      const arrivals = accepted.map(waitFor)
      if (!isPolling && awaited.size > 0) {
        isPolling = true
        void poll()
      }
      await Promise.all(arrivals)
    },
  }
}

const isYoung = (id: string) => Math.abs(Date.now() - createdAtOf(id)) < newForMs

async function findKnown(pool: pg.Pool, ids: string[]): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>(
    'SELECT id FROM users_replica WHERE id = ANY($1::uuid[])',
    [ids],
  )
  return rows.map(({ id }) => id)
}

/** When a UUIDv7 was made, in milliseconds since 1970 (RFC 9562, 5.7). */
const createdAtOf = (id: string): number => Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)
