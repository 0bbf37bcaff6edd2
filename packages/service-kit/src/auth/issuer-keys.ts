import { fullJitter } from '@finnigram/admission'
import type { JSONWebKeySet, JWTVerifyGetKey } from 'jose'
import { createLocalJWKSet } from 'jose'
import { z } from 'zod'
import { AppError } from '../errors.ts'
import { pause, within } from '../lifecycle/wait.ts'
import type { Logger } from '../logger/logger.ts'

const waitForFirstMs = 2000

export interface KeySet extends Disposable {
  /** The key for a token's header, from the newest set there is. Throws `unavailable` when there never was one. */
  readonly resolve: JWTVerifyGetKey
  /** Fetches again, unless that happened a moment ago; whether it was done. */
  refresh(): Promise<boolean>
}

interface KeySetOptions extends KeySource {
  askAgainAfterMs: number
  refreshEveryMs: number
}

/** Keeps the public keys of the token issuer: fetched in the background, refreshed every `refreshEveryMs`, and the last good ones are kept for as long as the issuer is away. */
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

/** The clock of whoever issues tokens, where it is ahead of ours: by ours alone its tokens would outlive their sessions. */
export interface IssuerClock {
  /** Milliseconds it is ahead now, as far as its answers show; 0 where it is not. */
  readonly aheadMs: number
  /** The most it ever was. */
  readonly mostAheadMs: number
  /** Takes note of the `Date` and the `Age` of an answer that has just come. */
  hear(headers: Headers): void
}

/** `Date` has whole seconds, and an answer takes time: less than this, in milliseconds, is no difference. */
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
    hear(headers) {
      const told = Date.parse(headers.get('date') ?? '')
      if (Number.isNaN(told)) return
      // A cache on the way tells for how long it has kept the answer.
      const difference = told + Number(headers.get('age') ?? 0) * 1000 - now()
      aheadMs = difference > exactToMs ? difference : 0
      mostAheadMs = Math.max(mostAheadMs, aheadMs)
    },
  }
}

interface KeySource {
  /** Gives up when the signal aborts. */
  fetchKeys: (signal: AbortSignal) => Promise<JSONWebKeySet>
  log: Logger
  /** Called when a key that was there is there no more. */
  onKeyGone: () => void
}

/** The last good keys of an issuer. */
interface FetchedKeys {
  /** Undefined while there never were any. */
  readonly newest: JWTVerifyGetKey | undefined
  /** Milliseconds since they were last asked for; infinite while they are. */
  readonly age: number
  /** Asks for them, one question for all who want it at once. Whether there was an answer; none is logged once. */
  fetch(): Promise<boolean>
}

function createFetchedKeys({ fetchKeys, log, onKeyGone }: KeySource, ending: AbortSignal): FetchedKeys {
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

const KeySetJson = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).min(1) })

/** Fetches a JSON Web Key Set (RFC 7517) within two seconds; `clock` learns what time it is there. */
export async function fetchKeys(
  url: string,
  { clock, ending }: { clock: IssuerClock; ending: AbortSignal },
): Promise<JSONWebKeySet> {
  const response = await fetch(url, {
    signal: AbortSignal.any([ending, AbortSignal.timeout(2000)]),
    headers: { accept: 'application/json' },
  })
  clock.hear(response.headers)
  if (!response.ok) throw new Error(`${url} answered ${response.status}`)
  return KeySetJson.parse(await response.json())
}
