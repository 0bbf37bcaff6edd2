/**
 * How much is let in, and when the rest comes back. Pure functions and objects: they hold no timer,
 * take the clock they go by, and run in Node, browsers and Hermes alike.
 *
 * - `createTokenBuckets`: a rate with a burst for each key.
 * - `createConnectionAdmission`: one rate for all, with a retry-after for those refused.
 * - `fullJitter`: the backoff of everything that tries again.
 * - `drainNoticeFrames`: the drain notice of a server that takes no more connections.
 *
 * Servers shed load with the first two; a thundering herd of clients spreads out by the others.
 */
export { fullJitter } from './backoff.ts'
export { type ConnectionAdmission, createConnectionAdmission } from './connection-admission.ts'
export { drainNoticeFrames } from './drain-notice.ts'
export { createTokenBuckets, type TokenBuckets } from './token-buckets.ts'
