import { type Fleeting, fleetingChannel } from '@finnigram/contracts'
import { publishFleeting, type RedisLink } from '@finnigram/service-kit'
import type { MovedMarker } from './store-markers.ts'

/** Markers of one publication, so that none is large. */
const perPublication = 500

/** Tells the realtime nodes which markers moved, the mover's own devices among the hearers. Fleeting: who misses it learns it from the next sync. */
export function publishMarkers(redis: RedisLink, moved: readonly MovedMarker[]): void {
  for (let start = 0; start < moved.length; start += perPublication) {
    const message: Fleeting = { t: 'markers', data: moved.slice(start, start + perPublication) }
    publishFleeting(redis, fleetingChannel, JSON.stringify(message))
  }
}
