/** Remembers ended sessions until their last access token has expired. */
export interface EndedSessions {
  /** Whether it was not known before. */
  add(sessionId: string): boolean
  has(sessionId: string): boolean
}

/** An access token lives 15 minutes; clocks may differ a little. */
const rememberMs = 16 * 60_000
/** About 20 MB. Beyond it the oldest go, whose tokens expire first. */
const mostRemembered = 200_000

export function createEndedSessions({
  // A monotonic clock.
  now = () => performance.now(),
  aheadMs = () => 0,
  atMost = mostRemembered,
}: {
  now?: () => number
  /**
   * The most that the issuer's clock was ahead, in milliseconds: its tokens live so much longer.
   */
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
