import type { RealtimeSocket } from '../connection.ts'
import type { RealtimeContext } from '../context.ts'
import { watchRoom } from '../rooms.ts'
import { emitToRoom } from '../wire/emit-to-room.ts'
import { encodeFrame, joinFrames } from '../wire/encode-frame.ts'
import { writeFrame } from '../wire/write-frame.ts'
import type { LeaseBook, PresenceStatus } from './lease-book.ts'

/** How everyone stands who is watched here, as it was last told. */
export interface Standings {
  /** Tells these sockets how people stand whose rooms they are in, and everyone else if that is news. Of whom it is not known, nothing is said. */
  tell(sockets: readonly RealtimeSocket[], userIds: readonly string[]): Promise<void>
  /** Someone changed; `at` is when they went, where that is known. */
  hear(userId: string, status: PresenceStatus, at: string | null): void
  /** The users service knows when someone was last seen. */
  noteLastSeen(userId: string, at: string | null): void
  /** These sockets may hear of this person no more: to them it looks as if the person went offline now. */
  hide(sockets: readonly RealtimeSocket[], userId: string): void
  /** Asks how everyone stands. */
  review(): Promise<void>
}

interface Standing {
  /** Undefined while it is not known. */
  status: PresenceStatus | undefined
  lastSeenAt: string | null
}

interface Sources {
  leases: LeaseBook
  showsLastSeen: (watcherId: string, userId: string) => boolean
}

export function createStandings(
  { io, figures }: Pick<RealtimeContext, 'io' | 'figures'>,
  { leases, showsLastSeen }: Sources,
): Standings {
  const known = new Map<string, Standing>()
  const isWatched = (userId: string) => io.sockets.adapter.rooms.has(watchRoom(userId))
  const standingOf = (userId: string) => {
    const standing = known.get(userId) ?? { status: undefined, lastSeenAt: null }
    known.set(userId, standing)
    return standing
  }
  const frameFor = ({ data }: RealtimeSocket, userId: string, standing: Standing) =>
    toFrame(userId, standing, showsLastSeen(data.userId, userId))

  const emit = (userId: string, standing: Standing) => {
    const variants = standing.status === 'offline' && standing.lastSeenAt !== null ? [true, false] : [false]
    for (const isShown of variants) {
      const written = emitToRoom(io, watchRoom(userId), toFrame(userId, standing, isShown), {
        isFleeting: true,
        ...(variants.length > 1 && {
          onlyTo: ({ data }: RealtimeSocket) => showsLastSeen(data.userId, userId) === isShown,
        }),
      })
      figures.frames.inc({ event: 'presence' }, written)
    }
  }
  const hear = (userId: string, status: PresenceStatus, at: string | null) => {
    if (!isWatched(userId)) return void known.delete(userId)
    const standing = standingOf(userId)
    if (standing.status === status) return
    // Whose lease ended without a word was there until about now.
    const wasHere = standing.status !== undefined && status === 'offline'
    standing.lastSeenAt = later(standing.lastSeenAt, at ?? (wasHere ? new Date().toISOString() : null))
    standing.status = status
    emit(userId, standing)
  }
  return {
    hear,
    async tell(sockets, userIds) {
      // Whoever cannot be read now is asked about at the next review.
      for (const userId of userIds) standingOf(userId)
      const people = await readStatuses(leases, userIds)
      const told = people.filter(({ userId, status }) => known.get(userId)?.status === status)
      for (const { userId, status } of people) hear(userId, status, null)
      for (const socket of sockets) {
        const own = told.filter(({ userId }) => socket.rooms.has(watchRoom(userId)))
        const frames = own.map(({ userId }) => frameFor(socket, userId, standingOf(userId)))
        if (frames.length > 0) writeFrame(socket, joinFrames(frames), true)
      }
    },
    noteLastSeen(userId, at) {
      if (at !== null) standingOf(userId).lastSeenAt = later(standingOf(userId).lastSeenAt, at)
    },
    hide(sockets, userId) {
      const told = known.get(userId)
      const gone = { status: 'offline', lastSeenAt: new Date().toISOString() } as const
      for (const socket of sockets) {
        if (!socket.rooms.has(watchRoom(userId))) continue
        socket.leave(watchRoom(userId))
        if (told?.status === 'online' || told?.status === 'away')
          writeFrame(socket, frameFor(socket, userId, gone), true)
      }
    },
    async review() {
      for (const userId of known.keys()) if (!isWatched(userId)) known.delete(userId)
      for (const { userId, status } of await readStatuses(leases, [...known.keys()]))
        hear(userId, status, null)
    },
  }
}

function toFrame(userId: string, { status, lastSeenAt }: Standing, isShown: boolean) {
  const shown = status === 'offline' && isShown ? lastSeenAt : null
  return encodeFrame('presence', JSON.stringify({ userId, status, lastSeenAt: shown }))
}

/** Times in one format order as text. */
const later = (a: string | null, b: string | null) => (a === null || (b !== null && b > a) ? b : a)

async function readStatuses(leases: LeaseBook, userIds: readonly string[]) {
  const answers = await Promise.allSettled(userIds.map((userId) => leases.read(userId)))
  return userIds.flatMap((userId, i) => {
    const answer = answers[i]
    const status = answer?.status === 'fulfilled' ? answer.value : undefined
    return status === undefined ? [] : [{ userId, status }]
  })
}
