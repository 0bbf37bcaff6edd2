/** Remembers sessions that ended until their last access token has: a token alone would still be let in. */
export interface EndedSessions {
  /** Whether that was news. */
  add(sessionId: string): boolean
  has(sessionId: string): boolean
}

/** An access token lives 15 minutes; clocks may differ a little. */
const rememberMs = 16 * 60_000
/** About 20 MB. Beyond it the oldest go, whose tokens are the nearest to their end. */
const mostRemembered = 200_000

export function createEndedSessions({
  // A clock that nobody sets.
  now = () => performance.now(),
  aheadMs = () => 0,
  atMost = mostRemembered,
}: {
  now?: () => number
  /** The most that the issuer's clock was ahead of ours, in milliseconds: its tokens may have lived so much longer. */
  aheadMs?: () => number
  atMost?: number
} = {}): EndedSessions {
  const endedAt = new Map<string, number>()
  const forgetOld = () => {
    for (const [sessionId, at] of endedAt) {
      if (now() - at < rememberMs + aheadMs() && endedAt.size <= atMost) return
      endedAt.delete(sessionId)
    }
  }
  return {
    add(sessionId) {
      forgetOld()
      if (endedAt.has(sessionId)) return false
      endedAt.set(sessionId, now())
      forgetOld()
      return true
    },
    has: (sessionId) => endedAt.has(sessionId),
  }
}
