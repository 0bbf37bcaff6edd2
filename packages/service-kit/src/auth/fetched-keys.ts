import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'
import type { Logger } from '../logger/logger.ts'

export interface KeySource {
  /** Gives up when the signal aborts. */
  fetchKeys: (signal: AbortSignal) => Promise<JSONWebKeySet>
  log: Logger
  /** Called when a key that was there is there no more. */
  onKeyGone: () => void
}

/** The last good keys of an issuer. */
export interface FetchedKeys {
  /** Undefined while there never were any. */
  readonly newest: JWTVerifyGetKey | undefined
  /** Milliseconds since they were last asked for; infinite while they are. */
  readonly age: number
  /** Asks for them, one question for all who want it at once. Whether there was an answer; none is logged once. */
  fetch(): Promise<boolean>
}

export function createFetchedKeys(
  { fetchKeys, log, onKeyGone }: KeySource,
  ending: AbortSignal,
): FetchedKeys {
  let newest: JWTVerifyGetKey | undefined
  let kids = new Set<string | undefined>()
  let hasFailed = false
  let askedAt = Number.NEGATIVE_INFINITY
  let fetching: Promise<boolean> | undefined

  const fetchOnce = async () => {
    askedAt = performance.now()
    try {
      const fetched = await fetchKeys(ending)
      const before = kids
      kids = new Set(fetched.keys.map(({ kid }) => kid))
      newest = createLocalJWKSet(fetched)
      if (!before.isSubsetOf(kids)) onKeyGone()
      hasFailed = false
      return true
    } catch (error) {
      if (!ending.aborted && !hasFailed)
        log[newest ? 'warn' : 'debug']('The public keys could not be fetched', { error })
      hasFailed = newest !== undefined
      return false
    } finally {
      fetching = undefined
    }
  }
  return {
    get newest() {
      return newest
    },
    get age() {
      return fetching ? Number.POSITIVE_INFINITY : performance.now() - askedAt
    },
    fetch() {
      fetching ??= fetchOnce()
      return fetching
    },
  }
}
