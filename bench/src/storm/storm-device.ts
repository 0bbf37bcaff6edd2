import { setTimeout as sleep } from 'node:timers/promises'
import { delayAfterEnd, delayAfterFailure } from '@finnigram/client/reconnect-delays'
import type { SyncReply } from '@finnigram/contracts'
import { frames } from '../frames.ts'
import type { KnownVersions } from './device-link.ts'
import { createKnownVersions, type Link, type LinkEnd, openLink, request } from './device-link.ts'

export interface DeviceOptions {
  url: string
  token: string
  conversationIds: readonly string[]
  /** The version of all of them that is known at first. */
  version: number
}

/**
 * A device that stays connected by the rules of the SDK, and syncs whenever its socket is ready.
 */
export interface StormDevice {
  readonly known: Readonly<Record<string, number>>
  /** When it was last back, `performance.now()`; 0 while it is not. */
  readonly readyAt: number
  /** When it was last in step after that; 0 while it is not. */
  readonly syncedAt: number
  readonly tries: number
  /** Tries that were answered with a moment to come back at. */
  readonly turnedAway: number
  /** Syncs while it could not connect. */
  readonly polls: number
  stop(): void
}

/** A link that lived this long was a good one. */
const steadyAfterMs = 10_000
/** As often as the SDK, while it does not know when it will connect. */
const pollMs = 15_000
const restsWhenTold = 3

export function openDevice({ url, token, conversationIds, version }: DeviceOptions): StormDevice {
  const versions = createKnownVersions(conversationIds, version)
  const state = { known: versions.known, readyAt: 0, syncedAt: 0, tries: 0, turnedAway: 0, polls: 0 }
  const stopping = new AbortController()
  const { signal } = stopping
  const catchUp = createCatchUp({ url, token, versions, signal })
  let link: Link | undefined

  const sync = async (own: Link) => {
    const isInStep = await catchUp(() => own === link)
    if (isInStep && own === link && state.readyAt > 0) state.syncedAt ||= performance.now()
  }
  const hear = (frame: string) => {
    const isBehind = frames.isEvents(frame) ? versions.hear(frame) : frame.startsWith('42["resync"')
    if (isBehind && link && state.readyAt > 0) void sync(link)
  }
  const connect = async () => {
    state.tries += 1
    const own = openLink({ url, token, onFrame: hear })
    link = own
    void own.ready.then(() => {
      state.readyAt = performance.now()
      void sync(own)
    })
    const end = await own.ended
    const livedMs = state.readyAt > 0 ? performance.now() - state.readyAt : 0
    Object.assign(state, { readyAt: 0, syncedAt: 0 })
    if (end.retryAfterMs !== null) state.turnedAway += 1
    return { ...end, livedMs }
  }
  const poll = () => {
    state.polls += 1
    void catchUp(() => state.readyAt === 0)
  }
  void keepConnected({ connect, poll, signal })
  return Object.assign(state, {
    stop() {
      stopping.abort()
      link?.close()
    },
  })
}

interface Keeping {
  connect: () => Promise<LinkEnd & { livedMs: number }>
  poll: () => void
  signal: AbortSignal
}

async function keepConnected({ connect, poll, signal }: Keeping): Promise<void> {
  let restsLeft = 0
  let pollAt = Number.POSITIVE_INFINITY
  for (let failures = 0; !signal.aborted; ) {
    const end = await connect()
    const { wasReady, retryAfterMs, livedMs } = end
    if (wasReady) {
      failures = livedMs >= steadyAfterMs ? 0 : failures + 1
      restsLeft = restsWhenTold
      pollAt = Number.POSITIVE_INFINITY
    } else {
      if (retryAfterMs === null || restsLeft <= 0)
        pollAt = Math.min(pollAt, performance.now() + Math.random() * pollMs)
      restsLeft -= 1
    }
    const delayMs = wasReady ? delayAfterEnd(failures, end) : delayAfterFailure(failures, retryAfterMs)
    if (!wasReady) failures += 1
    const until = performance.now() + delayMs
    while (pollAt < until && !signal.aborted) {
      await rest(pollAt - performance.now(), signal)
      poll()
      pollAt = performance.now() + pollMs
    }
    await rest(until - performance.now(), signal)
  }
}

const rest = (ms: number, signal: AbortSignal) =>
  sleep(Math.max(0, ms), undefined, { signal }).catch(() => {})

interface CatchUpOptions {
  url: string
  token: string
  versions: KnownVersions
  signal: AbortSignal
}

/**
 * Asks `/v1/sync` until there is no more; false where `isWanted` no longer held before that.
 * Whoever calls again meanwhile makes it ask once more.
 */
type CatchUp = (isWanted: () => boolean) => Promise<boolean>

function createCatchUp({ url, token, versions, signal }: CatchUpOptions): CatchUp {
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
