import type { UserEventData } from '@finnigram/contracts'
import type { RedisLink } from '@finnigram/service-kit'
import { listen } from '@finnigram/service-kit'
import type { RealtimeServer, RealtimeSocket } from '../connection.ts'
import type { WithConfig, WithIo, WithRealtimeMetrics, WithRedis } from '../deps.ts'
import { socketsIn, watchRoom } from '../wire/rooms.ts'
import { createLastSeenWriter } from './last-seen-writer.ts'
import { createLocalPresence } from './local-presence.ts'
import { openPresenceLeases, settleMs } from './presence-leases.ts'
import { createPresenceSubscriptions, type PresenceSubscriptions } from './presence-subscriptions.ts'
import type { PresenceVisibility, VisibilityDeps } from './presence-visibility.ts'

/** Who is there: leases of the people on this node, and news of the people its sockets watch. */
export interface Presence extends PresenceUserEvents, Disposable {
  enter(socket: RealtimeSocket): void
  leave(socket: RealtimeSocket): void
  setAway(socket: RealtimeSocket, isAway: boolean): void
  watch(socket: RealtimeSocket, userIds: readonly string[]): Promise<void>
  unwatch(socket: RealtimeSocket, userIds: readonly string[]): void
  hear: PresenceSubscriptions['hear']
  /** Whether a person may notice what another does; false while that cannot be learned. */
  mayNotice(watcherId: string, userId: string): Promise<boolean>
  /** Events of people may have been missed. */
  eventsMissed(): void
}

type PresenceDeps = VisibilityDeps & WithConfig & WithIo & WithRealtimeMetrics & WithRedis

/** Who is there, and who may see it. */
export interface WithPresence {
  readonly presence: Presence
}

export function createPresence(ctx: PresenceDeps): Presence {
  const parts = new DisposableStack()
  const leases = parts.use(openPresenceLeases(ctx.redis, ctx.config.NODE_ID))
  const lastSeen = createLastSeenWriter(ctx)
  const local = parts.use(createLocalPresence(ctx, { leases, onGone: lastSeen.enqueue }))
  const subscriptions = createPresenceSubscriptions(ctx, { leases, onExpired: lastSeen.enqueue })
  const { visibility } = subscriptions
  const timers = startPresenceTimers(ctx.redis, {
    async tick() {
      local.tick()
      void lastSeen.flush()
      const isForgotten = await leases.hasForgotten().catch(() => false)
      if (isForgotten) local.renewAll()
      return isForgotten
    },
    review: () => void subscriptions.review(),
    forget: subscriptions.forget,
  })
  parts.use(timers)
  return {
    enter: ({ data }) => local.update(data.userId),
    leave(socket) {
      subscriptions.leave(socket)
      local.leave(socket.data.userId)
    },
    setAway({ data }, isAway) {
      data.isAway = isAway
      local.update(data.userId)
    },
    watch: subscriptions.watch,
    unwatch: subscriptions.unwatch,
    hear: subscriptions.hear,
    mayNotice: async (watcherId, userId) => (await visibility.resolve(watcherId, userId))?.isVisible === true,
    ...createPresenceUserEvents(ctx.io, visibility),
    eventsMissed: visibility.refreshAll,
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
interface PresenceUserEvents {
  blockChanged(change: UserEventData['block.changed']): void
  profileChanged(change: UserEventData['user.updated']): void
  accountEnded(userId: string): void
}

function createPresenceUserEvents(io: RealtimeServer, visibility: PresenceVisibility): PresenceUserEvents {
  const watchersOf = (userId: string) =>
    new Set(socketsIn(io, watchRoom(userId)).map(({ data }) => data.userId))
  return {
    blockChanged({ userId, blockedId, isBlocked }) {
      // Taken back: the other may have blocked, too.
      const next = { isVisible: isBlocked ? false : undefined }
      visibility.update(userId, blockedId, next)
      visibility.update(blockedId, userId, next)
    },
    // While a preference is looked up anew, nothing is told of who set it.
    profileChanged({ user, preferences }) {
      for (const watcherId of watchersOf(user.id)) {
        if (watcherId === user.id) continue
        const { showsLastSeen } = visibility.read(watcherId, user.id) ?? {}
        if (preferences.lastSeen === 'nobody') visibility.update(watcherId, user.id, { showsLastSeen: false })
        else if (preferences.lastSeen !== 'everyone' || !showsLastSeen)
          visibility.update(watcherId, user.id, { isVisible: undefined })
      }
    },
    accountEnded(userId) {
      for (const watcherId of watchersOf(userId)) visibility.update(watcherId, userId, { isVisible: false })
    },
  }
}
