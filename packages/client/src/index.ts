export * from './api/create-api.ts'
export * from './api/problems.ts'
export * from './api/token-source.ts'
export * from './client.ts'
export { type ClientOptions, createClient } from './create-client.ts'
export type { PendingMessage } from './outbox/pending-message.ts'
export type { Unsent } from './outbox/unsent.ts'
export { createBrowserNetwork } from './realtime/browser-network.ts'
export {
  connectRealtime,
  type Realtime,
  type RealtimeOptions,
  type RealtimeState,
} from './realtime/connect-realtime.ts'
export { HandshakeRefused } from './realtime/handshake-refused.ts'
export * from './realtime/network-source.ts'
export { createLocalSessionStorage } from './session/local-session-storage.ts'
export * from './session/session-state.ts'
export * from './session/session-storage.ts'
export { createIndexedDbStore } from './store/indexed-db-store.ts'
export { createMemoryStore } from './store/memory-store.ts'
export type { Change, Database, KeyRange, Store, Table, Tables } from './store/store.ts'
export { changeMessage } from './sync/change-message.ts'
export { isCounted } from './sync/count-unread.ts'
export { type Timing, usualTiming } from './timing.ts'
export * from './views.ts'
