import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'
import { AppError } from '../errors/app-error.ts'
import { fullJitter } from '../lifecycle/full-jitter.ts'
import { pause } from '../lifecycle/pause.ts'
import type { Logger } from '../logger/create-logger.ts'

const waitForFirstMs = 2000

export interface KeySet extends Disposable {
  /** The key for a token's header, from the newest set there is. Throws `unavailable` when there never was one. */
  readonly resolve: JWTVerifyGetKey
  /** Fetches again, unless that happened a moment ago; whether it was done. */
  refresh(): Promise<boolean>
}

/** Keeps the public keys of the token issuer: fetched in the background, refreshed every `refreshEveryMs`, and the last good ones are kept for as long as the issuer is away. `onKeyGone` is called when one that was there is there no more. */
export function createKeySet({
  fetchKeys,
  log,
  askAgainAfterMs,
  refreshEveryMs,
  onKeyGone,
}: {
  fetchKeys: () => Promise<JSONWebKeySet>
  log: Logger
  askAgainAfterMs: number
  refreshEveryMs: number
  onKeyGone: () => void
}): KeySet {
  const ending = new AbortController()
  let keys: JWTVerifyGetKey | undefined
  let kids = new Set<string | undefined>()
  let hasFailed = false
  let fetchedAt = Number.NEGATIVE_INFINITY
  let fetching: Promise<boolean> | undefined

  const fetchOnce = async () => {
    fetchedAt = performance.now()
    try {
      const fetched = await fetchKeys()
      const before = kids
      kids = new Set(fetched.keys.map(({ kid }) => kid))
      keys = createLocalJWKSet(fetched)
      if (!before.isSubsetOf(kids)) onKeyGone()
      hasFailed = false
      return true
    } catch (error) {
      if (!ending.signal.aborted && !hasFailed)
        log[keys ? 'warn' : 'debug']('The public keys could not be fetched', { error })
      hasFailed = keys !== undefined
      return false
    } finally {
      fetching = undefined
    }
  }
  const fetchShared = () => {
    fetching ??= fetchOnce()
    return fetching
  }
  void keepFresh(fetchShared, refreshEveryMs, ending.signal)

  return {
    async resolve(header, token) {
      if (!keys) await Promise.race([fetchShared(), pause(waitForFirstMs)])
      if (!keys) throw new AppError('unavailable', { retryAfter: 1 })
      return keys(header, token)
    },
    async refresh() {
      if (!fetching && performance.now() - fetchedAt < askAgainAfterMs) return false
      return fetchShared()
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
