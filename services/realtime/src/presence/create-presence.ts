import type { ServerEventData, UserEventData } from '@finnigram/contracts'
import type { RealtimeSocket } from '../connection.ts'
import type { RealtimeContext } from '../context.ts'
import { watchRoom } from '../rooms.ts'
import { socketsIn } from '../wire/emit-to-room.ts'
import { createDepartures } from './departures.ts'
import { openLeaseBook, settleMs } from './lease-book.ts'
import { createOwnPresence } from './own-presence.ts'
import { createWatchedPresence } from './watched-presence.ts'

/** Who is there: leases of the people on this node, and news of the people its sockets watch. */
export interface Presence extends Disposable {
  enter(socket: RealtimeSocket): void
  leave(socket: RealtimeSocket): void
  setAway(socket: RealtimeSocket, isAway: boolean): void
  watch(socket: RealtimeSocket, userIds: readonly string[]): Promise<void>
  unwatch(socket: RealtimeSocket, userIds: readonly string[]): void
  hear(presence: ServerEventData['presence']): void
  /** Whether a person may notice what another does; false while that cannot be learned. */
  mayNotice(watcherId: string, userId: string): Promise<boolean>
  blockChanged(change: UserEventData['block.changed']): void
  profileChanged(change: UserEventData['user.updated']): void
  accountEnded(userId: string): void
  /** Events of people may have been missed. */
  eventsMissed(): void
}

type Needs = Pick<RealtimeContext, 'io' | 'redis' | 'config' | 'figures' | 'users' | 'log' | 'stopping'>

const tickMs = 2000
const reviewMs = 20_000

export function createPresence(ctx: Needs): Presence {
  const leases = openLeaseBook(ctx.redis, ctx.config.NODE_ID)
  const departures = createDepartures(ctx)
  const own = createOwnPresence(ctx, { leases, onGone: departures.note })
  const watched = createWatchedPresence(ctx, leases)
  const { sights } = watched
  const watchersOf = (userId: string) =>
    new Set(socketsIn(ctx.io, watchRoom(userId)).map(({ data }) => data.userId))
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
    blockChanged({ userId, blockedId, isBlocked }) {
      // Taken back: the other may have blocked, too.
      const next = { isSeen: isBlocked ? false : undefined }
      sights.change(userId, blockedId, next)
      sights.change(blockedId, userId, next)
    },
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
    eventsMissed: sights.askAllAgain,
    ...startTimers(ctx, {
      async tick() {
        own.tick()
        void departures.flush()
        const isForgotten = await leases.hasForgotten().catch(() => false)
        if (isForgotten) own.renewAll()
        return isForgotten
      },
      review: () => void watched.review(),
    }),
  }
}

interface Work {
  /** Whether what Redis knew has been lost. */
  tick: () => Promise<boolean>
  review: () => void
}

function startTimers({ redis }: Needs, { tick, review }: Work): Disposable {
  let settled: NodeJS.Timeout | undefined
  const reviewOnceSettled = () => {
    clearTimeout(settled)
    settled = setTimeout(review, settleMs)
  }
  redis.commands.on('ready', reviewOnceSettled)
  const ticking = setInterval(() => {
    void tick().then((isForgotten) => isForgotten && reviewOnceSettled())
  }, tickMs)
  const reviewing = setInterval(review, reviewMs)
  return {
    [Symbol.dispose]() {
      clearInterval(ticking)
      clearInterval(reviewing)
      clearTimeout(settled)
    },
  }
}
