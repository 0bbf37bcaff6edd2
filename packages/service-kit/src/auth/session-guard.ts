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
  /** Known where a stream told it. */
  readonly userId?: string
}

export interface SessionGuardOptions {
  redis: RedisLink
  log: Logger
  /** Where `session.ended` is told. */
  streams: readonly string[]
  /** Asks the service that ends sessions for those that ended in the last 16 minutes. Must answer or reject within a second or so. */
  listEnded: () => Promise<readonly string[]>
  /** Called once with each session that is found to have ended. */
  onEnded?: (ended: readonly EndedSession[]) => void
  /** Milliseconds between two questions; 2000 when not said. */
  askEveryMs?: number
}

export interface SessionGuard extends AsyncDisposable {
  /** Whether a session is known to have ended. */
  has(sessionId: string): boolean
  /**
   * The same verifier, for tokens of sessions that have not ended: throws `unauthenticated` otherwise, and `unavailable`
   * while this process has never learned which sessions ended.
   */
  guarding(verifier: TokenVerifier): TokenVerifier
}

const waitForFirstMs = 2000

/**
 * Knows which sessions ended, so that their access tokens end with them instead of by their own time. It hears it on the
 * streams at once, and asks every two seconds besides: whatever is away, lags or was missed, what the asked service knows
 * is known here within five seconds. While that cannot be reached either, what is known counts.
 */
export function createSessionGuard(options: SessionGuardOptions): SessionGuard {
  const { redis, log, streams, onEnded } = options
  const guarded: TokenVerifier[] = []
  const aheadMs = () => Math.max(0, ...guarded.map(({ mostAheadMs }) => mostAheadMs))
  const ended = createEndedSessions({ aheadMs })
  const ending = new AbortController()
  const learn = (sessions: readonly EndedSession[]) => {
    const news = sessions.filter(({ sessionId }) => ended.add(sessionId))
    if (news.length > 0) onEnded?.(news)
  }
  const tail = tailStreams({
    redis,
    log,
    streams,
    onEntries: (entries) => learn(entries.flatMap(readEnded)),
    // What was missed is in the next answer.
    onGap: () => {},
  })
  const asking = startAsking(options, { learn, signal: ending.signal })
  return {
    has: (sessionId) => ended.has(sessionId),
    guarding(verifier) {
      guarded.push(verifier)
      return guard(verifier, { ended, first: asking.first })
    },
    async [Symbol.asyncDispose]() {
      ending.abort()
      await Promise.all([asking.running, tail[Symbol.asyncDispose]()])
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

/** Asks for as long as it lives, soon again while there was never an answer; `first` resolves with the first one. */
function startAsking(
  { log, listEnded, askEveryMs = 2000 }: SessionGuardOptions,
  { learn, signal }: { learn: (sessions: readonly EndedSession[]) => void; signal: AbortSignal },
): { first: Promise<void>; running: Promise<void> } {
  const first = Promise.withResolvers<void>()
  let isInformed = false
  const ask = async () => {
    learn((await listEnded()).map((sessionId) => ({ sessionId })))
    isInformed = true
    first.resolve()
  }
  const run = async () => {
    for (let failures = 0; !signal.aborted; ) {
      try {
        await ask()
        if (failures > 0) log.info('Ended sessions are known again')
        failures = 0
      } catch (error) {
        failures += 1
        if (failures === 1 && !signal.aborted)
          log[isInformed ? 'warn' : 'debug']('Ended sessions could not be asked for', { error })
      }
      const rest = isInformed ? askEveryMs : Math.min(askEveryMs, 50 + fullJitter(failures, { maxMs: 1000 }))
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
    // The list has it.
    return []
  }
}
