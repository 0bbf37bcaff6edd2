import type { RedisLink } from '@finnigram/service-kit'
import type { MovedMarkers } from './store-markers.ts'
import { publishMarkers } from './publish-markers.ts'
import { publishReads } from './publish-reads.ts'

/** Tells, after the commit, who shows markers and who notifies. Never waited for. */
export function tellMoved(redis: RedisLink, { moved, read }: MovedMarkers): void {
  publishMarkers(redis, moved)
  publishReads(redis, read)
}
