import { type Bulkhead, createBulkhead, type Metrics } from '@finnigram/service-kit'

/**
 * Searches of this process at once, one of each person: other connections of the pool are for
 * sends. As many of one person wait as the rate limit admits at once. A request ends after ten
 * seconds, so none waits longer.
 */
const searches = { atOnce: 3, mostWaiting: 300, mostWaitingOfOne: 60, patienceMs: 8_000 }

/** Runs searches a few at a time. People take turns, and nobody fills the queue alone. */
export const createSearchBulkhead = (metrics: Metrics): Bulkhead =>
  createBulkhead({ ...searches, measured: { name: 'searches', metrics } })
