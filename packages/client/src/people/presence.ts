import { maxWatched, type ServerEventData } from '@finnigram/contracts'
import type { Realtime } from '../connection/reconnecting-socket.ts'
import type { Unsubscribe } from '../subscriptions.ts'
import type { PresenceView } from '../views.ts'

/** Presence of the people on screen. Unknown is `unknown`, never `offline`. */
export interface Presence {
  get(userId: string): PresenceView
  watch(userIds: string[]): Unsubscribe
  update(presence: ServerEventData['presence']): void
  /** Call when the socket is ready: a new one watches nobody yet. */
  connected(): void
  disconnected(): void
}

/** Milliseconds until a refused `watch` is repeated. */
const retryMs = 5000
const unknown: PresenceView = { status: 'unknown', lastSeenAt: null }

export function createPresence(realtime: () => Realtime | null, publish: () => void): Presence {
  const watchers = new Map<string, number>()
  const known = new Map<string, PresenceView>()
  const socket = createSocketWatch(realtime, watchers)

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
    socket.leave(gone)
  }
  return {
    get: (userId) => known.get(userId) ?? unknown,
    watch(userIds) {
      const wanted = [...new Set(userIds)]
      for (const id of wanted) watchers.set(id, (watchers.get(id) ?? 0) + 1)
      socket.fill()
      let watching = true
      return () => {
        if (watching) unwatch(wanted)
        watching = false
      }
    },
    update({ userId, status, lastSeenAt }) {
      if (!watchers.has(userId)) return
      known.set(userId, { status, lastSeenAt })
      publish()
    },
    connected() {
      socket.reset()
      socket.fill()
    },
    disconnected() {
      socket.reset()
      if (known.size === 0) return
      known.clear()
      publish()
    },
  }
}

/**
 * The people whom the socket watches: at most `maxWatched` of `wanted`, first come, first served.
 * Others move up when somebody leaves. A refused request is repeated, because a person left out
 * would stay unknown.
 */
function createSocketWatch(realtime: () => Realtime | null, wanted: ReadonlyMap<string, number>) {
  const asked = new Set<string>()
  let retry: ReturnType<typeof setTimeout> | undefined

  const request = async (event: 'watch' | 'unwatch', userIds: string[]) => {
    if (userIds.length > 0) await realtime()?.request(event, { userIds })
  }
  const fill = () => {
    if (realtime()?.state !== 'ready') return
    const free = maxWatched - asked.size
    const next = [...wanted.keys()].filter((id) => !asked.has(id)).slice(0, Math.max(0, free))
    for (const id of next) asked.add(id)
    request('watch', next).catch(() => {
      for (const id of next) asked.delete(id)
      clearTimeout(retry)
      retry = setTimeout(fill, retryMs)
    })
  }
  return {
    fill,
    leave(userIds: string[]) {
      const watched = userIds.filter((id) => asked.delete(id))
      if (realtime()?.state === 'ready') request('unwatch', watched).catch(() => undefined)
      fill()
    },
    reset() {
      clearTimeout(retry)
      asked.clear()
    },
  }
}
