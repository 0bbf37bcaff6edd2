import type { ServerEventData } from '@finnigram/contracts'
import type { RealtimeSocket } from '../connection.ts'
import type { RealtimeContext } from '../context.ts'
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
}

const tickMs = 2000
const reviewMs = 20_000

export function createPresence(ctx: Pick<RealtimeContext, 'io' | 'redis' | 'config' | 'figures'>): Presence {
  const leases = openLeaseBook(ctx.redis, ctx.config.NODE_ID)
  const own = createOwnPresence(ctx, leases)
  const watched = createWatchedPresence(ctx, leases)
  const ticking = setInterval(() => own.tick(), tickMs)
  const reviewing = setInterval(() => void watched.review(), reviewMs)
  let settled: NodeJS.Timeout | undefined
  ctx.redis.commands.on('ready', () => {
    clearTimeout(settled)
    settled = setTimeout(() => void watched.review(), settleMs)
  })
  return {
    enter: ({ data }) => own.update(data.userId),
    leave: ({ data }) => own.leave(data.userId),
    setAway({ data }, isAway) {
      data.isAway = isAway
      own.update(data.userId)
    },
    watch: watched.watch,
    unwatch: watched.unwatch,
    hear: watched.hear,
    [Symbol.dispose]() {
      clearInterval(ticking)
      clearInterval(reviewing)
      clearTimeout(settled)
    },
  }
}
