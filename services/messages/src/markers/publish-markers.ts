import { type Fleeting, fleetingChannel, readsKept, readsStream } from '@finnigram/contracts'
import { publishFleeting, type RedisLink } from '@finnigram/service-kit'
import type { MovedMarker, MovedMarkers, ReadMarker } from './store-markers.ts'

/** Markers of one publication, so that none is large. */
const perPublication = 500

/** Tells the realtime nodes which markers moved, the mover's own devices among the hearers. Fleeting: who misses it learns it from the next sync. */
export function publishMarkers(redis: RedisLink, moved: readonly MovedMarker[]): void {
  for (let start = 0; start < moved.length; start += perPublication) {
    const message: Fleeting = { t: 'markers', data: moved.slice(start, start + perPublication) }
    publishFleeting(redis, fleetingChannel, JSON.stringify(message))
  }
}

/**
 * Tells who may have notifications to take away what has been read. Nothing is told while Redis is away: a notification
 * that stays goes with the next one, or by hand.
 */
export function publishReads({ commands }: RedisLink, read: readonly ReadMarker[]): void {
  for (const fact of read) {
    const fields = ['type', 'conversation.read', 'key', fact.userId, 'payload', JSON.stringify(fact)]
    commands.xadd(readsStream, 'MAXLEN', '~', readsKept, '*', ...fields).catch(() => {})
  }
}

/** Tells, after the commit, who shows markers and who notifies. Never waited for. */
export function tellMoved(redis: RedisLink, { moved, read }: MovedMarkers): void {
  publishMarkers(redis, moved)
  publishReads(redis, read)
}
