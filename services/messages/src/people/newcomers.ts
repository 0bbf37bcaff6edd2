import { type Metrics, pause } from '@finnigram/service-kit'
import type pg from 'pg'

/** Waits until the copy of the profiles has heard of people who have just registered. */
export interface Newcomers {
  /**
   * Resolves once all of `ids` are there, at the latest after a second. Ids that were not made just now are not waited
   * for, nor are those for which there is no place.
   */
  wait(ids: readonly string[]): Promise<void>
}

/** How long the copy may take to hear of somebody, in milliseconds. */
const newsTakesMs = 1000
/**
 * Whoever registered longer ago is known, or does not exist; clocks of two services may differ by
 * this, too.
 */
const newForMs = 30_000
const lookEveryMs = 40
/**
 * Ids that are waited for at once: by one call, and by all of this process. Whoever calls makes
 * them up as they like.
 */
const mostOfOne = 200
const mostAwaited = 2000

/** One round of one query looks for all ids that anybody waits for. */
export function createNewcomers({ pool, metrics }: { pool: pg.Pool; metrics: Metrics }): Newcomers {
  /** Who waits for each id. */
  const awaited = new Map<string, Set<() => void>>()
  let isLooking = false
  metrics.gauge('newcomers_awaited', 'Ids of people that the copy of the profiles may hear of in a moment', {
    collect: () => awaited.size,
  })
  const unawaited = metrics.counter('newcomers_unawaited_total', 'Ids for which there was no place to wait')

  const look = async () => {
    while (awaited.size > 0) {
      await pause(lookEveryMs)
      // What fails here fails for whoever waits, too, as soon as they look themselves.
      const found = await findKnown(pool, [...awaited.keys()]).catch(() => [...awaited.keys()])
      for (const id of found) for (const arrive of awaited.get(id) ?? []) arrive()
    }
    isLooking = false
  }
  const waitFor = (id: string) => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const waiting = awaited.get(id) ?? new Set()
    const leave = () => {
      clearTimeout(timer)
      waiting.delete(leave)
      if (waiting.size === 0 && awaited.get(id) === waiting) awaited.delete(id)
      resolve()
    }
    const timer = setTimeout(leave, newsTakesMs)
    awaited.set(id, waiting.add(leave))
    return promise
  }
  return {
    async wait(ids) {
      const young = [...new Set(ids)].filter(isYoung)
      const places = Math.max(0, Math.min(mostOfOne, mostAwaited - awaited.size))
      const taken = young.slice(0, places)
      if (young.length > taken.length) unawaited.inc(young.length - taken.length)
      const arrivals = taken.map(waitFor)
      if (!isLooking && awaited.size > 0) {
        isLooking = true
        void look()
      }
      await Promise.all(arrivals)
    },
  }
}

const isYoung = (id: string) => Math.abs(Date.now() - bornAt(id)) < newForMs

async function findKnown(pool: pg.Pool, ids: string[]): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>(
    'SELECT id FROM users_replica WHERE id = ANY($1::uuid[])',
    [ids],
  )
  return rows.map(({ id }) => id)
}

/** When a UUIDv7 was made, in milliseconds since 1970 (RFC 9562, 5.7). */
const bornAt = (id: string): number => Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)
