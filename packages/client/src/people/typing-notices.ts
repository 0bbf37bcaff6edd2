import type { Realtime } from '../connection/connect-realtime.ts'

/** Tells the others that I am writing: at most once in `everyMs` per conversation, and only while connected. */
export interface TypingNotices {
  writing(conversationId: string): void
  /** The message is out: the next key is news again. */
  sent(conversationId: string): void
}

export function createTypingNotices(realtime: () => Realtime | null, everyMs: number): TypingNotices {
  const lastAt = new Map<string, number>()

  const tell = (conversationId: string, active: boolean) => {
    const current = realtime()
    if (current?.state !== 'ready') return false
    current.request('typing', { conversationId, active }, { volatile: true }).catch(() => undefined)
    return true
  }
  return {
    writing(conversationId) {
      const now = Date.now()
      if (now - (lastAt.get(conversationId) ?? 0) < everyMs) return
      if (tell(conversationId, true)) lastAt.set(conversationId, now)
    },
    sent(conversationId) {
      if (lastAt.delete(conversationId)) tell(conversationId, false)
    },
  }
}
