import { type Bulkhead, createBulkhead, type Metrics } from '@finnigram/service-kit'

/**
 * Searches of this process that run at once, one of each person: the other connections of the pool are for sends. Of one
 * person as many wait as the rate limit lets ask at once. A request ends after ten seconds, so nobody waits for longer.
 */
const turns = { atOnce: 3, mostWaiting: 300, mostWaitingOfOne: 60, patienceMs: 8_000 }

/** Runs searches a few at a time. People take turns, and nobody fills the queue alone. */
export const createSearchTurns = (metrics: Metrics): Bulkhead =>
  createBulkhead({ ...turns, measured: { name: 'searches', metrics } })
