/** What the gateway shares with the services, without all that belongs to a database. */
export { boundPipeline, highWaterMark, tokenVerifiedHeader } from './http/connection-bounds.ts'
export { memoryEnvironment, memoryFlags } from './lifecycle/memory-settings.ts'
export { createKeyedSemaphore, type KeyedSemaphore } from './limits/keyed-semaphore.ts'
export { createMetrics } from './metrics/metrics.ts'
export { addressKey } from './net/address-key.ts'
export { isPublicHost } from './net/is-public-host.ts'
