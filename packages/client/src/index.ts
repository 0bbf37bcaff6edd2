export {
  type Api,
  type ApiOptions,
  createApi,
  fixedToken,
  noTokens,
  type TokenSource,
} from './api/create-api.ts'
export { ApiProblem, isRefusal, localProblem, NetworkProblem, type NetworkReason } from './api/problems.ts'
export * from './client.ts'
export type { RealtimeState } from './connection/connection-states.ts'
export {
  alwaysOnline,
  createBrowserNetwork,
  type NetworkSignals,
  type NetworkSource,
} from './connection/network-source.ts'
export { connectRealtime, type Realtime, type RealtimeOptions } from './connection/reconnecting-socket.ts'
export { HandshakeRefused } from './connection/socket-link.ts'
export { type ClientOptions, createClient } from './create-client.ts'
export type { PendingMessage, Unsent } from './messages/outbox-entry.ts'
export { createIndexedDbStore } from './replica/indexed-db-store.ts'
export { createMemoryStore } from './replica/memory-store.ts'
export type { Change, Database, KeyRange, Store, Table, Tables } from './replica/store.ts'
export * from './session/session-state.ts'
export {
  createLocalSessionStorage,
  createMemorySessionStorage,
  type SessionStorage,
} from './session/session-store.ts'
export { changeMessage, isCounted } from './sync/message-reducer.ts'
export { type Timing, usualTiming } from './timing.ts'
export * from './views.ts'
