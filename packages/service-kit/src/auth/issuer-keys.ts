import { fullJitter } from '@finnigram/admission'
import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'
import { z } from 'zod'
import { AppError } from '../errors.ts'
import { pause, within } from '../lifecycle/wait.ts'
import type { Logger } from '../logger/logger.ts'

const waitForFirstMs = 2000

/**
 * The public keys of the token issuer (JWKS, RFC 7517). They are fetched in the background,
 * refreshed regularly, and kept for as long as the issuer is away.
 *
 * Not `createRemoteJWKSet` of jose: past its `cacheMaxAge` it has no keys while the issuer is away,
 * and without that it never notices a key that was withdrawn, nor the issuer's clock.
 */
export interface KeySet extends Disposable {
  /**
   * The key for a token's header, from the newest set. Throws `unavailable` before the first one.
   */
  readonly resolve: JWTVerifyGetKey
  /** Fetches again, unless that happened a moment ago. Whether there is a new set. */
  refresh(): Promise<boolean>
}

interface KeySetOptions extends KeySource {
  askAgainAfterMs: number
  refreshEveryMs: number
}

export function createKeySet({ askAgainAfterMs, refreshEveryMs, ...source }: KeySetOptions): KeySet {
  const ending = new AbortController()
  const keys = createFetchedKeys(source, ending.signal)
  void keepFresh(() => keys.fetch(), refreshEveryMs, ending.signal)
  return {
    async resolve(header, token) {
      if (!keys.newest) await within(waitForFirstMs, keys.fetch())
      if (!keys.newest) throw new AppError('unavailable', { retryAfter: 1 })
      return keys.newest(header, token)
    },
    async refresh() {
      return keys.age >= askAgainAfterMs && keys.fetch()
    },
    [Symbol.dispose]() {
      ending.abort()
    },
  }
}

async function keepFresh(
  fetchKeys: () => Promise<boolean>,
  refreshEveryMs: number,
  signal: AbortSignal,
): Promise<void> {
  let failures = 0
  while (!signal.aborted) {
    failures = (await fetchKeys()) ? 0 : failures + 1
    await pause(failures ? 100 + fullJitter(failures, { baseMs: 100, maxMs: 3000 }) : refreshEveryMs, signal)
  }
}

interface KeySource {
  /** Gives up when the signal aborts. */
  fetchKeys: (signal: AbortSignal) => Promise<JSONWebKeySet>
  log: Logger
  /** Called when a key was withdrawn. */
  onKeyGone: () => void
}

/** The last good keys of the issuer. */
interface FetchedKeys {
  /** Undefined before the first fetch succeeded. */
  readonly newest: JWTVerifyGetKey | undefined
  /** Milliseconds since the last fetch began; infinite while one is under way. */
  readonly age: number
  /**
   * Fetches; concurrent calls share one request. Whether it succeeded; a failure is logged once.
   */
  fetch(): Promise<boolean>
}

function createFetchedKeys({ fetchKeys, log, onKeyGone }: KeySource, ending: AbortSignal): FetchedKeys {
  let newest: JWTVerifyGetKey | undefined
  let kids = new Set<string | undefined>()
  let hasFailed = false
  let fetchedAt = Number.NEGATIVE_INFINITY
  let fetching: Promise<boolean> | undefined

  const fetchOnce = async () => {
    fetchedAt = performance.now()
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
      return fetching ? Number.POSITIVE_INFINITY : performance.now() - fetchedAt
    },
    fetch() {
      fetching ??= fetchOnce()
      return fetching
    },
  }
}

const KeySetJson = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).min(1) })

/** Fetches a JSON Web Key Set within two seconds, and shows the answer's `Date` to `clock`. */
export async function fetchKeys(
  url: string,
  { clock, ending }: { clock: IssuerClock; ending: AbortSignal },
): Promise<JSONWebKeySet> {
  const response = await fetch(url, {
    signal: AbortSignal.any([ending, AbortSignal.timeout(2000)]),
    headers: { accept: 'application/json' },
  })
  clock.observe(response.headers)
  if (!response.ok) throw new Error(`${url} answered ${response.status}`)
  return KeySetJson.parse(await response.json())
}

/**
 * The issuer's clock where it is ahead of ours: by ours alone, tokens would outlive their sessions.
 */
export interface IssuerClock {
  /** Milliseconds it is ahead now, by the `Date` of its answers; 0 where it is not. */
  readonly aheadMs: number
  /** The most it ever was. */
  readonly mostAheadMs: number
  /** Notes the `Date` and `Age` of an answer that has just arrived. */
  observe(headers: Headers): void
}

/**
 * `Date` has whole seconds, and an answer takes time. Less than this, in milliseconds, is equal.
 */
const exactToMs = 2_000

export function createIssuerClock(now: () => number = Date.now): IssuerClock {
  let aheadMs = 0
  let mostAheadMs = 0
  return {
    get aheadMs() {
      return aheadMs
    },
    get mostAheadMs() {
      return mostAheadMs
    },
    observe(headers) {
      const date = Date.parse(headers.get('date') ?? '')
      if (Number.isNaN(date)) return
      // `Age` says how long a cache on the way has kept the answer.
      const difference = date + Number(headers.get('age') ?? 0) * 1000 - now()
      aheadMs = difference > exactToMs ? difference : 0
      mostAheadMs = Math.max(mostAheadMs, aheadMs)
    },
  }
}
