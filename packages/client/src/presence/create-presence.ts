import { maxWatched, type ServerEventData } from '@finnigram/contracts'
import type { PresenceView } from '../client.ts'
import type { Realtime } from '../realtime/connect-realtime.ts'
import type { Unsubscribe } from '../topic.ts'

/** Who of the people on screen is there. What is not known is `unknown`, never `offline`. */
export interface Presence {
  get(userId: string): PresenceView
  watch(userIds: string[]): Unsubscribe
  heard(presence: ServerEventData['presence']): void
  /** A new socket watches nobody yet. */
  connected(): void
  disconnected(): void
}

const unknown: PresenceView = { status: 'unknown', lastSeenAt: null }

export function createPresence(realtime: () => Realtime | null, publish: () => void): Presence {
  const watchers = new Map<string, number>()
  const known = new Map<string, PresenceView>()

  const tell = (event: 'watch' | 'unwatch', userIds: string[]) => {
    const current = realtime()
    if (userIds.length === 0 || current?.state !== 'ready') return
    current.request(event, { userIds: userIds.slice(0, maxWatched) }).catch(() => undefined)
  }
  const unwatch = (userIds: string[]) => {
    const gone: string[] = []
    for (const id of userIds) {
      const left = (watchers.get(id) ?? 1) - 1
      if (left > 0) {
        watchers.set(id, left)
        continue
      }
      watchers.delete(id)
      known.delete(id)
      gone.push(id)
    }
    tell('unwatch', gone)
  }
  return {
    get: (userId) => known.get(userId) ?? unknown,
    watch(userIds) {
      const wanted = [...new Set(userIds)]
      const fresh = wanted.filter((id) => !watchers.has(id))
      for (const id of wanted) watchers.set(id, (watchers.get(id) ?? 0) + 1)
      tell('watch', fresh)
      let watching = true
      return () => {
        if (watching) unwatch(wanted)
        watching = false
      }
    },
    heard({ userId, status, lastSeenAt }) {
      if (!watchers.has(userId)) return
      known.set(userId, { status, lastSeenAt })
      publish()
    },
    connected: () => tell('watch', [...watchers.keys()]),
    disconnected() {
      if (known.size === 0) return
      known.clear()
      publish()
    },
  }
}
