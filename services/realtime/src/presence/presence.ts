import type { UserEventData } from '@finnigram/contracts'
import { listen, type RedisLink } from '@finnigram/service-kit'
import type { RealtimeServer, RealtimeSocket } from '../connection.ts'
import type { WithConfig, WithIo, WithRealtimeMetrics, WithRedis } from '../deps.ts'
import { socketsIn, watchRoom } from '../wire/rooms.ts'
import { createLastSeenWriter } from './last-seen-writer.ts'
import { createLocalPresence } from './local-presence.ts'
import { openPresenceLeases, settleMs } from './presence-leases.ts'
import { createPresenceSubscriptions, type PresenceSubscriptions } from './presence-subscriptions.ts'
import type { PresenceVisibility, VisibilityDeps } from './presence-visibility.ts'

/**
 * Presence: who is online, away or offline, for those who may see it.
 *
 * Promises: a person is online while any node holds a lease for them, and offline a minute after
 * the last one at the latest, even if their node was killed. A status that is not known is
 * `unknown`, never `offline`. Nobody learns anything about a person who has blocked them or hides
 * it, not even from the moment of a frame.
 *
 * Procedure: each node renews leases of its own people in Redis (`local-presence.ts`,
 * `presence-leases.ts`) and publishes changes. A socket subscribes to people
 * (`presence-subscriptions.ts`). Which pairs may see each other is asked of the users service,
 * cached, and updated by its events (`presence-visibility.ts`, `visibility-cache.ts`). The last
 * known status is in `status-cache.ts`, frames go out by `presence-broadcaster.ts`. The time of the
 * last lease goes to the users service (`last-seen-writer.ts`).
 *
 * Never: stores anything but leases, asks the users service for each change, or keeps a status
 * through an outage of Redis.
 *
 * Called by the handshake, the handlers of client events, and the fan-out of user events and
 * presence notices.
 */
export interface Presence extends PresenceUserEvents, Disposable {
  enter(socket: RealtimeSocket): void
  leave(socket: RealtimeSocket): void
  setAway(socket: RealtimeSocket, isAway: boolean): void
  watch(socket: RealtimeSocket, userIds: readonly string[]): Promise<void>
  unwatch(socket: RealtimeSocket, userIds: readonly string[]): void
  applyChange: PresenceSubscriptions['applyChange']
  /** Whether one person may notice what another does; false while that is not known. */
  mayNotice(watcherId: string, userId: string): Promise<boolean>
  /** User events may have been missed: looks up visibility again. */
  eventsMissed(): void
}

type PresenceDeps = VisibilityDeps & WithConfig & WithIo & WithRealtimeMetrics & WithRedis

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
    invalidate: subscriptions.invalidate,
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
    applyChange: subscriptions.applyChange,
    mayNotice: async (watcherId, userId) => (await visibility.resolve(watcherId, userId))?.isVisible === true,
    ...createPresenceUserEvents(ctx.io, visibility),
    eventsMissed: visibility.refreshAll,
    [Symbol.dispose]: () => parts.dispose(),
  }
}

interface Work {
  /** Resolves to whether Redis has lost the leases. */
  tick: () => Promise<boolean>
  /** Reads the status of everyone who is watched. */
  review: () => void
  /** Makes every status unknown. */
  invalidate: () => void
}

const tickMs = 2000
const reviewMs = 15_000
/** After so long without Redis every status is unknown, in milliseconds. */
const trustMs = 4000

/** Runs the periodic work of presence, and a review after an outage of Redis. */
function startPresenceTimers(redis: RedisLink, { tick, review, invalidate }: Work): Disposable {
  let settled: NodeJS.Timeout | undefined
  let upAt = performance.now()
  const reviewOnceSettled = () => {
    clearTimeout(settled)
    settled = setTimeout(review, settleMs)
  }
  const listening = listen(redis.commands, { ready: reviewOnceSettled })
  const ticking = setInterval(() => {
    if (redis.isUp) upAt = performance.now()
    else if (performance.now() - upAt >= trustMs) invalidate()
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

/** Handlers of user events that change visibility. */
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
      // After an unblock it is unknown: the other may have blocked, too.
      const next = { isVisible: isBlocked ? false : undefined }
      visibility.update(userId, blockedId, next)
      visibility.update(blockedId, userId, next)
    },
    // While a preference is looked up again, nothing is shown of its person.
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
