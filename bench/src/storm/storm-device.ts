import { setTimeout as sleep } from 'node:timers/promises'
import { delayAfterEnd, delayAfterFailure } from '@finnigram/client/reconnect-delays'
import type { SyncReply } from '@finnigram/contracts'
import { frames } from '../frames.ts'
import { type Link, openLink } from './device-link.ts'
import { createKnownVersions } from './known-versions.ts'
import { request } from './request.ts'

export interface DeviceOptions {
  url: string
  token: string
  conversationIds: readonly string[]
  /** The version of all of them that is known at first. */
  version: number
}

/** A device that stays connected by the rules of the SDK, and syncs whenever its socket is ready. */
export interface StormDevice {
  readonly known: Readonly<Record<string, number>>
  /** When it was last back, `performance.now()`; 0 while it is not. */
  readonly readyAt: number
  /** When it was last in step after that; 0 while it is not. */
  readonly syncedAt: number
  readonly tries: number
  /** Tries that were answered with a moment to come back at. */
  readonly turnedAway: number
  readonly syncs: number
  stop(): void
}

/** A link that lived this long was a good one. */
const steadyAfterMs = 10_000

export function openDevice({ url, token, conversationIds, version }: DeviceOptions): StormDevice {
  const versions = createKnownVersions(conversationIds, version)
  const device = { known: versions.known, readyAt: 0, syncedAt: 0, tries: 0, turnedAway: 0, syncs: 0 }
  const stopping = new AbortController()
  const rest = (ms: number) => sleep(ms, undefined, { signal: stopping.signal }).catch(() => {})
  let link: Link | undefined
  let since: string | undefined

  const syncOnce = async () => {
    const body = JSON.stringify({ known: versions.known, ...(since === undefined ? {} : { since }) })
    const { status, text, retryAfter } = await request({ url: `${url}/v1/sync`, token, body })
    if (status !== 200) return { retryAfterMs: retryAfter * 1000 }
    const reply = JSON.parse(text) as SyncReply
    versions.take(reply)
    since = reply.cursor
    return reply
  }
  /** Until there is no more, or the link that it is for is another. */
  const sync = async (own: Link) => {
    for (let failures = 0; own === link && !stopping.signal.aborted; ) {
      device.syncs += 1
      const reply = await syncOnce().catch(() => ({ retryAfterMs: 0 }))
      if ('retryAfterMs' in reply) {
        await rest(reply.retryAfterMs + delayAfterFailure(failures, null))
        failures += 1
      } else if (!reply.more) {
        if (own === link && device.readyAt > 0) device.syncedAt = performance.now()
        return
      }
    }
  }
  const hear = (frame: string) => {
    if (frames.isEvents(frame)) versions.hear(frame)
    else if (frame.startsWith('42["resync"') && link) void sync(link)
  }
  const run = async () => {
    for (let failures = 0; !stopping.signal.aborted; ) {
      device.tries += 1
      const own = openLink({ url, token, onFrame: hear })
      link = own
      void own.ready.then(() => {
        device.readyAt = performance.now()
        void sync(own)
      })
      const { wasReady, retryAfterMs } = await own.ended
      const livedMs = device.readyAt > 0 ? performance.now() - device.readyAt : 0
      device.readyAt = 0
      device.syncedAt = 0
      if (retryAfterMs !== null) device.turnedAway += 1
      if (wasReady) {
        failures = livedMs >= steadyAfterMs ? 0 : failures + 1
        await rest(delayAfterEnd(failures, retryAfterMs))
      } else {
        await rest(delayAfterFailure(failures, retryAfterMs))
        failures += 1
      }
    }
  }
  void run()
  return Object.assign(device, {
    stop() {
      stopping.abort()
      link?.close()
    },
  })
}
