import type { UserEventData } from '@finnigram/contracts'
import type { RealtimeServer } from '../connection.ts'
import { watchRoom } from '../wire/rooms.ts'
import { socketsIn } from '../wire/emit-to-room.ts'
import type { Sights } from './presence-visibility.ts'

/** What events of people change in who may know what of whom. */
export interface PeopleNews {
  blockChanged(change: UserEventData['block.changed']): void
  profileChanged(change: UserEventData['user.updated']): void
  accountEnded(userId: string): void
}

export function createPeopleNews(io: RealtimeServer, sights: Sights): PeopleNews {
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
