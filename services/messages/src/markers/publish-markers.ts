import { type Fleeting, fleetingChannel, readsKept, readsStream } from '@finnigram/contracts'
import { publishFleeting, type RedisLink } from '@finnigram/service-kit'
import type { MovedMarker, MovedMarkers, ReadMarker } from './store-markers.ts'

/** Markers in one publication, to bound its size. */
const perPublication = 500

/**
 * Publishes moved markers to the realtime nodes over pub/sub. A lost publication does no harm: the
 * next sync brings the markers.
 */
export function publishMarkers(redis: RedisLink, moved: readonly MovedMarker[]): void {
  for (let start = 0; start < moved.length; start += perPublication) {
    const message: Fleeting = { t: 'markers', data: moved.slice(start, start + perPublication) }
    publishFleeting(redis, fleetingChannel, JSON.stringify(message))
  }
}

/**
 * Publishes reads of people who may have notifications to remove. While Redis is away they are
 * lost: a stale notification is replaced by the next one, or dismissed by hand.
 */
function publishReads({ commands }: RedisLink, read: readonly ReadMarker[]): void {
  for (const one of read) {
    const fields = ['type', 'conversation.read', 'key', one.userId, 'payload', JSON.stringify(one)]
    commands.xadd(readsStream, 'MAXLEN', '~', readsKept, '*', ...fields).catch(() => {})
  }
}

/** Publishes after the commit; nothing waits for it. */
export function publishMoved(redis: RedisLink, { moved, read }: MovedMarkers): void {
  publishMarkers(redis, moved)
  publishReads(redis, read)
}
