import type { UserEventData } from '@finnigram/contracts'
import type { RedisLink } from '@finnigram/service-kit'
import { listen } from '@finnigram/service-kit'
import type { RealtimeServer, RealtimeSocket } from '../connection.ts'
import type { RealtimeContext } from '../context.ts'
import { socketsIn, watchRoom } from '../wire/rooms.ts'
import { createDepartures } from './last-seen-writer.ts'
import { createOwnPresence } from './local-presence.ts'
import { openLeaseBook, settleMs } from './presence-leases.ts'
import { createWatchedPresence, type WatchedPresence } from './presence-subscriptions.ts'
import type { Sights } from './presence-visibility.ts'

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

interface Work {
  /** Whether what Redis knew has been lost. */
  tick: () => Promise<boolean>
  /** Looks how everyone stands who is watched. */
  review: () => void
  /** What was known counts no more. */
  forget: () => void
}

const tickMs = 2000
const reviewMs = 15_000
/** Redis may be away for so long before what it said of anyone counts no more. */
const trustMs = 4000

/** Does what presence needs now and then, and after an outage of Redis. */
function startPresenceTimers(redis: RedisLink, { tick, review, forget }: Work): Disposable {
  let settled: NodeJS.Timeout | undefined
  let upAt = performance.now()
  const reviewOnceSettled = () => {
    clearTimeout(settled)
    settled = setTimeout(review, settleMs)
  }
  const listening = listen(redis.commands, { ready: reviewOnceSettled })
  const ticking = setInterval(() => {
    if (redis.isUp) upAt = performance.now()
    else if (performance.now() - upAt >= trustMs) forget()
    void tick().then((isForgotten) => isForgotten && reviewOnceSettled())
  }, tickMs)
  const reviewing = setInterval(review, reviewMs)
  return {
    [Symbol.dispose]() {
      listening[Symbol.dispose]()
      clearInterval(ticking)
      clearInterval(reviewing)
      clearTimeout(settled)
    },
  }
}

/** What events of people change in who may know what of whom. */
interface PeopleNews {
  blockChanged(change: UserEventData['block.changed']): void
  profileChanged(change: UserEventData['user.updated']): void
  accountEnded(userId: string): void
}

function createPeopleNews(io: RealtimeServer, sights: Sights): PeopleNews {
  const watchersOf = (userId: string) =>
    new Set(socketsIn(io, watchRoom(userId)).map(({ data }) => data.userId))
  return {
    blockChanged({ userId, blockedId, isBlocked }) {
      // Taken back: the other may have blocked, too.
      const next = { isSeen: isBlocked ? false : undefined }
      sights.change(userId, blockedId, next)
      sights.change(blockedId, userId, next)
    },
    // While a preference is looked up anew, nothing is told of who set it.
    profileChanged({ user, preferences }) {
      for (const watcherId of watchersOf(user.id)) {
        if (watcherId === user.id) continue
        const { showsLastSeen } = sights.read(watcherId, user.id) ?? {}
        if (preferences.lastSeen === 'nobody') sights.change(watcherId, user.id, { showsLastSeen: false })
        else if (preferences.lastSeen !== 'everyone' || !showsLastSeen)
          sights.change(watcherId, user.id, { isSeen: undefined })
      }
    },
    accountEnded(userId) {
      for (const watcherId of watchersOf(userId)) sights.change(watcherId, userId, { isSeen: false })
    },
  }
}
