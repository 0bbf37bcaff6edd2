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

/** Milliseconds until whoever was refused is asked for again. */
const retryMs = 5000
const unknown: PresenceView = { status: 'unknown', lastSeenAt: null }

export function createPresence(realtime: () => Realtime | null, publish: () => void): Presence {
  const watchers = new Map<string, number>()
  const known = new Map<string, PresenceView>()
  let retry: ReturnType<typeof setTimeout> | undefined

  /** Of whom the socket was asked: at most `maxWatched`, those who came first. The others take the places of who goes. */
  const asked = new Set<string>()

  const tell = (event: 'watch' | 'unwatch', userIds: string[]): Promise<unknown> => {
    const current = realtime()
    if (userIds.length === 0 || current?.state !== 'ready') return Promise.resolve()
    return current.request(event, { userIds })
  }
  const askForMore = () => {
    if (realtime()?.state !== 'ready') return
    const next: string[] = []
    for (const id of watchers.keys()) {
      if (asked.size >= maxWatched) break
      if (asked.has(id)) continue
      asked.add(id)
      next.push(id)
    }
    tell('watch', next).catch(() => askAgain(next))
  }
  /** What failed while the socket lives was refused for now; a new socket asks for all anyway. */
  const askAgain = (ids: string[]) => {
    for (const id of ids) asked.delete(id)
    clearTimeout(retry)
    retry = setTimeout(askForMore, retryMs)
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
    tell(
      'unwatch',
      gone.filter((id) => asked.delete(id)),
    ).catch(() => undefined)
    askForMore()
  }
  return {
    get: (userId) => known.get(userId) ?? unknown,
    watch(userIds) {
      const wanted = [...new Set(userIds)]
      for (const id of wanted) watchers.set(id, (watchers.get(id) ?? 0) + 1)
      askForMore()
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
    connected() {
      asked.clear()
      askForMore()
    },
    disconnected() {
      clearTimeout(retry)
      asked.clear()
      if (known.size === 0) return
      known.clear()
      publish()
    },
  }
}
