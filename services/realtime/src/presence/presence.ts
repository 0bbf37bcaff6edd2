import type { RealtimeSocket } from '../connection.ts'
import type { RealtimeContext } from '../context.ts'
import { createDepartures } from './last-seen-writer.ts'
import { openLeaseBook } from './presence-leases.ts'
import { createOwnPresence } from './local-presence.ts'
import { createPeopleNews, type PeopleNews } from './user-event-handlers.ts'
import { startPresenceTimers } from './presence-timers.ts'
import { createWatchedPresence, type WatchedPresence } from './presence-subscriptions.ts'

/** Who is there: leases of the people on this node, and news of the people its sockets watch. */
export interface Presence extends PeopleNews, Disposable {
  enter(socket: RealtimeSocket): void
  leave(socket: RealtimeSocket): void
  setAway(socket: RealtimeSocket, isAway: boolean): void
  watch(socket: RealtimeSocket, userIds: readonly string[]): Promise<void>
  unwatch(socket: RealtimeSocket, userIds: readonly string[]): void
  hear: WatchedPresence['hear']
  /** Whether a person may notice what another does; false while that cannot be learned. */
  mayNotice(watcherId: string, userId: string): Promise<boolean>
  /** Events of people may have been missed. */
  eventsMissed(): void
}

type Needs = Pick<RealtimeContext, 'io' | 'redis' | 'config' | 'figures' | 'users' | 'log' | 'stopping'>

export function createPresence(ctx: Needs): Presence {
  const parts = new DisposableStack()
  const leases = parts.use(openLeaseBook(ctx.redis, ctx.config.NODE_ID))
  const departures = createDepartures(ctx)
  const own = parts.use(createOwnPresence(ctx, { leases, onGone: departures.note }))
  const watched = createWatchedPresence(ctx, { leases, onExpired: departures.note })
  const { sights } = watched
  const timers = startPresenceTimers(ctx.redis, {
    async tick() {
      own.tick()
      void departures.flush()
      const isForgotten = await leases.hasForgotten().catch(() => false)
      if (isForgotten) own.renewAll()
      return isForgotten
    },
    review: () => void watched.review(),
    forget: watched.forget,
  })
  parts.use(timers)
  return {
    enter: ({ data }) => own.update(data.userId),
    leave(socket) {
      watched.leave(socket)
      own.leave(socket.data.userId)
    },
    setAway({ data }, isAway) {
      data.isAway = isAway
      own.update(data.userId)
    },
    watch: watched.watch,
    unwatch: watched.unwatch,
    hear: watched.hear,
    mayNotice: async (watcherId, userId) => (await sights.learn(watcherId, userId))?.isSeen === true,
    ...createPeopleNews(ctx.io, sights),
    eventsMissed: sights.askAllAgain,
    [Symbol.dispose]: () => parts.dispose(),
  }
}
