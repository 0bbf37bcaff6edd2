export * from './api/create-api.ts'
export * from './api/problems.ts'
export * from './api/token-source.ts'
export * from './client.ts'
export { createBrowserNetwork } from './connection/browser-network.ts'
export {
  connectRealtime,
  type Realtime,
  type RealtimeOptions,
  type RealtimeState,
} from './connection/connect-realtime.ts'
export { HandshakeRefused } from './connection/handshake-refused.ts'
export * from './connection/network-source.ts'
export { type ClientOptions, createClient } from './create-client.ts'
export type { PendingMessage } from './messages/pending-message.ts'
export type { Unsent } from './messages/unsent.ts'
export { createIndexedDbStore } from './replica/indexed-db-store.ts'
export { createMemoryStore } from './replica/memory-store.ts'
export type { Change, Database, KeyRange, Store, Table, Tables } from './replica/store.ts'
export { createLocalSessionStorage } from './session/local-session-storage.ts'
export * from './session/session-state.ts'
export * from './session/session-storage.ts'
export { isCounted } from './sync/count-unread.ts'
export { changeMessage } from './sync/message-reducer.ts'
export { type Timing, usualTiming } from './timing.ts'
export * from './views.ts'
