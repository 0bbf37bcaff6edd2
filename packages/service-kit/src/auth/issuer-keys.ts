import type { JWTVerifyGetKey } from 'jose'
import { AppError } from '../errors/app-error.ts'
import { fullJitter } from '../lifecycle/full-jitter.ts'
import { pause } from '../lifecycle/wait.ts'
import { within } from '../lifecycle/within.ts'
import { createFetchedKeys, type KeySource } from './fetched-keys.ts'

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
