import { setTimeout as sleep } from 'node:timers/promises'
import { delayAfterFailure } from '@finnigram/client/reconnect-delays'
import type { SyncReply } from '@finnigram/contracts'
import type { KnownVersions } from './known-versions.ts'
import { request } from './request.ts'

export interface CatchUpOptions {
  url: string
  token: string
  versions: KnownVersions
  signal: AbortSignal
}

/** Asks `/v1/sync` until there is no more; false where `isWanted` no longer held before that. Whoever calls again meanwhile makes it ask once more. */
export type CatchUp = (isWanted: () => boolean) => Promise<boolean>

export function createCatchUp({ url, token, versions, signal }: CatchUpOptions): CatchUp {
  let since: string | undefined
  let calls = 0
  let running: Promise<boolean> | undefined

  const ask = async () => {
    const body = JSON.stringify({ known: versions.known, ...(since === undefined ? {} : { since }) })
    const { status, text, retryAfter } = await request({ url: `${url}/v1/sync`, token, body })
    if (status !== 200) return { retryAfterMs: retryAfter * 1000 }
    const reply = JSON.parse(text) as SyncReply
    versions.take(reply)
    since = reply.cursor
    return reply
  }
  const run = async (isWanted: () => boolean) => {
    for (let failures = 0; isWanted() && !signal.aborted; ) {
      const call = calls
      const reply = await ask().catch(() => ({ retryAfterMs: 0 }))
      if ('retryAfterMs' in reply) {
        await sleep(reply.retryAfterMs + delayAfterFailure(failures, null), undefined, { signal }).catch(
          () => {},
        )
        failures += 1
      } else if (!reply.more && call === calls) return true
    }
    return false
  }
  return async (isWanted) => {
    calls += 1
    await running
    running = run(isWanted)
    return running
  }
}
