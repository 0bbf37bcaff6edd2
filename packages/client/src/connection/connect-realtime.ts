import type { ClientEvent, ClientEventAck, ClientEventData } from '@finnigram/contracts'
import type { TokenSource } from '../api/token-source.ts'
import { type Timing, usualTiming } from '../timing.ts'
import { alwaysOnline, type NetworkSource } from './network-source.ts'
import { Reconnection } from './realtime.ts'
import type { RequestOptions } from './request-over.ts'
import type { ServerHandlers } from './socket-link.ts'

/** `waiting`: a try failed and the next one is due by itself. `signedOut`: there is no session to connect with. */
export type RealtimeState = 'stopped' | 'connecting' | 'ready' | 'waiting' | 'signedOut'

export interface RealtimeOptions {
  /** Origin of the server; empty for the page's own. */
  baseUrl: string
  tokens: TokenSource
  handlers: ServerHandlers
  onState?: (state: RealtimeState) => void
  network?: NetworkSource
  timing?: Timing
}

export interface Realtime {
  readonly state: RealtimeState
  /** Sends and waits for the answer; never buffered. Throws `NetworkProblem` when not connected or unanswered, `ApiProblem` when refused. */
  request<E extends ClientEvent>(
    event: E,
    data: ClientEventData[E],
    options?: RequestOptions,
  ): Promise<ClientEventAck[E]>
  stop(): void
}

/** Keeps one socket connected until stopped, through every drop, with full jitter and the signals of the device. */
export function connectRealtime(options: RealtimeOptions): Realtime {
  const { network = alwaysOnline, timing = usualTiming, onState = () => undefined } = options
  const connection = new Reconnection({
    ...options,
    baseUrl: options.baseUrl || globalThis.location.origin,
    network,
    timing,
    onState,
  })
  void connection.run()
  return connection
}
