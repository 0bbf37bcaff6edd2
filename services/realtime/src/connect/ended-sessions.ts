/** Remembers sessions that ended until their last access token has: a token alone would still open a socket. */
export interface EndedSessions {
  add(sessionId: string): void
  has(sessionId: string): boolean
}

/** An access token lives 15 minutes; clocks may differ a little. */
const rememberMs = 16 * 60_000
const atMost = 100_000

export function createEndedSessions(now: () => number = Date.now): EndedSessions {
  const endedAt = new Map<string, number>()
  const forgetOld = () => {
    for (const [sessionId, at] of endedAt) {
      if (now() - at < rememberMs && endedAt.size <= atMost) return
      endedAt.delete(sessionId)
    }
  }
  return {
    add(sessionId) {
      endedAt.delete(sessionId)
      endedAt.set(sessionId, now())
      forgetOld()
    },
    has: (sessionId) => endedAt.has(sessionId),
  }
}
