import { typingLastsMs } from '@finnigram/contracts'

/** Who is writing where. Ends by itself when nothing renews it. */
export interface Typing {
  in(conversationId: string): readonly string[]
  heard(notice: { conversationId: string; userId: string; active: boolean }): void
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
    heard({ conversationId, userId, active }) {
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
