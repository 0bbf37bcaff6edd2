import type { Client } from './client.ts'
import type { NetworkSource } from './realtime/network-source.ts'
import type { SessionStorage } from './session/session-storage.ts'
import type { Store } from './store/store.ts'
import type { Timing } from './timing.ts'

export interface ClientOptions {
  /** Origin of the server, such as `https://chat.example`; empty for the page's own. */
  baseUrl: string
  store: Store
  sessionStorage: SessionStorage
  /** How this device is named in the list of sessions. */
  device?: { name: string; platform: string }
  /** Signals of the device; those of the browser, when there is one, if not given. */
  network?: NetworkSource
  timing?: Partial<Timing>
  /** Told of what went wrong without anyone waiting for it, such as a disk that refuses. */
  onError?: (error: unknown) => void
}

export declare function createClient(options: ClientOptions): Client
