/** What the gateway shares with the services, without all that belongs to a database. */
export { boundPipeline } from './http/bound-pipeline.ts'
export { tokenVerifiedHeader } from './http/token-verified.ts'
export { addressKey } from './limits/address-key.ts'
export { createTokenBuckets, type TokenBuckets } from './limits/create-token-buckets.ts'
export { createTurns, type Turns } from './limits/create-turns.ts'
export { createMetrics } from './metrics/create-metrics.ts'
export { isPublicHost } from './net/is-public-host.ts'
