import { type Bulkhead, createBulkhead, type Metrics } from '@finnigram/service-kit'

/**
 * Searches of this process that run at once, one of each person: the other connections of the pool are for sends. A
 * request ends after ten seconds, so who waits for longer is told to come back.
 */
const turns = { atOnce: 3, mostWaiting: 100, mostWaitingOfOne: 20, patienceMs: 5_000 }

/** Runs searches a few at a time. People take turns, and nobody fills the queue alone. */
export const createSearchTurns = (metrics: Metrics): Bulkhead =>
  createBulkhead({ ...turns, measured: { name: 'searches', metrics } })
