import { typingLastsMs } from '@finnigram/contracts'
import type { Realtime } from '../connection/reconnecting-socket.ts'

/** Who is typing where. Ends by itself if it is not renewed. */
export interface Typing {
  in(conversationId: string): readonly string[]
  update(notice: { conversationId: string; userId: string; active: boolean }): void
  clear(): void
}

const nobody: readonly string[] = []

export function createTyping({
  me,
  publish,
}: {
  me: string
  publish: (conversationId: string) => void
}): Typing {
  const writers = new Map<string, readonly string[]>()
  const timers = new Map<string, ReturnType<typeof setTimeout>>()

  const set = (conversationId: string, userId: string, active: boolean) => {
    const before = writers.get(conversationId) ?? nobody
    if (before.includes(userId) === active) return
    const after = active ? [...before, userId] : before.filter((id) => id !== userId)
    if (after.length === 0) writers.delete(conversationId)
    else writers.set(conversationId, after)
    publish(conversationId)
  }
  return {
    in: (conversationId) => writers.get(conversationId) ?? nobody,
    update({ conversationId, userId, active }) {
      if (userId === me) return
      const key = `${conversationId} ${userId}`
      clearTimeout(timers.get(key))
      timers.delete(key)
      if (active)
        timers.set(
          key,
          setTimeout(() => set(conversationId, userId, false), typingLastsMs),
        )
      set(conversationId, userId, active)
    },
    clear() {
      for (const timer of timers.values()) clearTimeout(timer)
      timers.clear()
      const ids = [...writers.keys()]
      writers.clear()
      for (const id of ids) publish(id)
    },
  }
}

/** Sends that I am typing: at most once in `everyMs` per conversation, and only while connected. */
export interface TypingNotices {
  writing(conversationId: string): void
  /** The message was sent: the next key is announced at once. */
  sent(conversationId: string): void
}

export function createTypingNotices(realtime: () => Realtime | null, everyMs: number): TypingNotices {
  const lastAt = new Map<string, number>()

  const notify = (conversationId: string, active: boolean) => {
    const current = realtime()
    if (current?.state !== 'ready') return false
    current.request('typing', { conversationId, active }, { volatile: true }).catch(() => undefined)
    return true
  }
  return {
    writing(conversationId) {
      const now = Date.now()
      if (now - (lastAt.get(conversationId) ?? 0) < everyMs) return
      if (notify(conversationId, true)) lastAt.set(conversationId, now)
    },
    sent(conversationId) {
      if (lastAt.delete(conversationId)) notify(conversationId, false)
    },
  }
}
