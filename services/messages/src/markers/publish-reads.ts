import { readsKept, readsStream } from '@finnigram/contracts'
import type { RedisLink } from '@finnigram/service-kit'
import type { ReadMarker } from './store-markers.ts'

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
