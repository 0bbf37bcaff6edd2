import { fullJitter } from '@finnigram/admission'
import { z } from 'zod'
import type { StreamEntry } from '../bus/redis-streams.ts'
import { tailStreams } from '../bus/tail-streams.ts'
import { AppError } from '../errors.ts'
import { pause, within } from '../lifecycle/wait.ts'
import type { Logger } from '../logger/logger.ts'
import type { RedisLink } from '../redis/open-redis.ts'
import { createEndedSessions, type EndedSessions } from './ended-sessions.ts'
import type { TokenVerifier } from './token-verifier.ts'

const SessionEnded = z.object({ sessionId: z.string(), userId: z.string() })

export interface EndedSession {
  readonly sessionId: string
  /** Known when it came by a stream. */
  readonly userId?: string
}

export interface SessionGuardOptions {
  redis: RedisLink
  log: Logger
  /** Streams that carry `session.ended`. */
  streams: readonly string[]
  /** Fetches the sessions that ended in the last 16 minutes. Must settle within a second or so. */
  listEnded: () => Promise<readonly string[]>
  /** Called once with each session that is found to have ended. */
  onEnded?: (ended: readonly EndedSession[]) => void
  /** Milliseconds between two fetches; 2000 when not said. */
  fetchEveryMs?: number
}

export interface SessionGuard extends AsyncDisposable {
  /** Whether a session is known to have ended. */
  has(sessionId: string): boolean
  /**
   * Wraps a verifier: tokens of ended sessions are `unauthenticated`. Throws `unavailable` while
   * this process has never fetched the list.
   */
  guarding(verifier: TokenVerifier): TokenVerifier
}

const waitForFirstMs = 2000

/**
 * Session guard: access tokens end with their session instead of at their own expiry (revocation).
 *
 * It reads `session.ended` from the streams at once, and fetches the list every two seconds. So a
 * revocation is known here within five seconds, even while Redis is away, lags or has lost entries.
 * While the users service is away as well, what is known counts.
 */
export function createSessionGuard(options: SessionGuardOptions): SessionGuard {
  const { redis, log, streams, onEnded } = options
  const guarded: TokenVerifier[] = []
  const aheadMs = () => Math.max(0, ...guarded.map(({ mostAheadMs }) => mostAheadMs))
  const ended = createEndedSessions({ aheadMs })
  const ending = new AbortController()
  const learn = (sessions: readonly EndedSession[]) => {
    const newlyEnded = sessions.filter(({ sessionId }) => ended.add(sessionId))
    if (newlyEnded.length > 0) onEnded?.(newlyEnded)
  }
  const tail = tailStreams({
    redis,
    log,
    streams,
    onEntries: (entries) => learn(entries.flatMap(readEnded)),
    // What was missed is in the next list.
    onGap: () => {},
  })
  const fetching = startFetching(options, { learn, signal: ending.signal })
  return {
    has: (sessionId) => ended.has(sessionId),
    guarding(verifier) {
      guarded.push(verifier)
      return guard(verifier, { ended, first: fetching.first })
    },
    async [Symbol.asyncDispose]() {
      ending.abort()
      await Promise.all([fetching.running, tail[Symbol.asyncDispose]()])
    },
  }
}

function guard(
  verifier: TokenVerifier,
  { ended, first }: { ended: EndedSessions; first: Promise<void> },
): TokenVerifier {
  let isInformed = false
  void first.then(() => {
    isInformed = true
  })
  return {
    async verify(token) {
      const actor = await verifier.verify(token)
      if (!isInformed && !(await within(waitForFirstMs, first)))
        throw new AppError('unavailable', { retryAfter: 1 })
      if (ended.has(actor.sessionId)) throw new AppError('unauthenticated')
      return actor
    },
    get mostAheadMs() {
      return verifier.mostAheadMs
    },
    [Symbol.dispose]: () => verifier[Symbol.dispose](),
  }
}

/** Fetches the list until aborted, sooner while there was none; `first` resolves with the first. */
function startFetching(
  { log, listEnded, fetchEveryMs = 2000 }: SessionGuardOptions,
  { learn, signal }: { learn: (sessions: readonly EndedSession[]) => void; signal: AbortSignal },
): { first: Promise<void>; running: Promise<void> } {
  const first = Promise.withResolvers<void>()
  let isInformed = false
  const fetchList = async () => {
    learn((await listEnded()).map((sessionId) => ({ sessionId })))
    isInformed = true
    first.resolve()
  }
  const run = async () => {
    for (let failures = 0; !signal.aborted; ) {
      try {
        await fetchList()
        if (failures > 0) log.info('The list of ended sessions is up to date again')
        failures = 0
      } catch (error) {
        failures += 1
        if (failures === 1 && !signal.aborted)
          log[isInformed ? 'warn' : 'debug']('Ended sessions could not be asked for', { error })
      }
      const rest = isInformed
        ? fetchEveryMs
        : Math.min(fetchEveryMs, 50 + fullJitter(failures, { maxMs: 1000 }))
      await pause(rest, signal)
    }
  }
  return { first: first.promise, running: run() }
}

function readEnded({ type, payload }: StreamEntry): EndedSession[] {
  if (type !== 'session.ended') return []
  try {
    return [SessionEnded.parse(JSON.parse(payload))]
  } catch {
    // The next list has it.
    return []
  }
}
