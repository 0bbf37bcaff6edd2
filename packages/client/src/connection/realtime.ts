import type { ClientEvent, ClientEventAck, ClientEventData } from '@finnigram/contracts'
import type { TokenSource } from '../api/create-api.ts'
import { NetworkProblem } from '../api/problems.ts'
import { createInterruptibleSleep } from '../interruptible-sleep.ts'
import { type Timing, usualTiming } from '../timing.ts'
import type { Unsubscribe } from '../topics.ts'
import { alwaysOnline, type NetworkSource } from './network-source.ts'
import { delayAfterEnd, delayAfterFailure } from './reconnect-delays.ts'
import {
  type Dialing,
  dial,
  HandshakeRefused,
  keepAuthorised,
  type Link,
  type RequestOptions,
  requestOver,
  type ServerHandlers,
} from './socket-link.ts'

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
  const connection = new ReconnectingSocket({
    ...options,
    baseUrl: options.baseUrl || globalThis.location.origin,
    network,
    timing,
    onState,
  })
  void connection.run()
  return connection
}

/** A link that lived this long was a good one: the tries after it start over. */
const steadyAfterMs = 10_000

/** So often the server may name another moment before this device begins to ask by itself what is new. */
const restsWhenTold = 3

/** The reconnection policy, all of it. One try at a time; a wait between two that signals of the device cut short. */
export class ReconnectingSocket implements Realtime {
  readonly #options: Required<RealtimeOptions>
  readonly #stopping = new AbortController()
  readonly #wait = createInterruptibleSleep(this.#stopping.signal)
  readonly #forget: Unsubscribe
  #foreground: boolean
  #dialing: Dialing | null = null
  #link: Link | null = null
  #failures = 0
  #state: RealtimeState = 'connecting'

  constructor(options: Required<RealtimeOptions>) {
    this.#options = options
    this.#foreground = options.network.current().foreground
    this.#forget = options.network.subscribe(() => this.#onNetworkChange())
  }

  get state(): RealtimeState {
    return this.#state
  }

  request<E extends ClientEvent>(
    event: E,
    data: ClientEventData[E],
    options: RequestOptions = {},
  ): Promise<ClientEventAck[E]> {
    if (!this.#link) return Promise.reject(new NetworkProblem('unreachable'))
    const { ackTimeoutMs: timeoutMs } = this.#options.timing
    return requestOver(this.#link, { event, data }, { timeoutMs, ...options })
  }

  stop(): void {
    this.#forget()
    this.#stopping.abort()
    this.#dialing?.close()
    this.#enter('stopped')
  }

  async run(): Promise<void> {
    let refusedToken: string | null = null
    let restsLeft = 0
    while (!this.#stopping.signal.aborted) {
      await this.#untilOnline()
      try {
        const token: string | null = await this.#freshToken(refusedToken)
        if (token === null) return this.#enter('signedOut')
        refusedToken = await this.#holdUnlessRefused(token, refusedToken !== null)
        if (refusedToken === null) restsLeft = restsWhenTold
      } catch (error) {
        refusedToken = null
        const retryAfterMs = error instanceof HandshakeRefused ? error.retryAfterMs : null
        // Whoever was connected and is told a moment to come back at is as good as connecting; told so again and again, nobody knows when there is an end to it.
        this.#enter(retryAfterMs !== null && restsLeft > 0 ? 'connecting' : 'waiting')
        restsLeft -= 1
        await this.#wait.atMost(delayAfterFailure(this.#failures, retryAfterMs, this.#options.timing))
        this.#failures += 1
      }
    }
  }

  #freshToken(refused: string | null): Promise<string | null> {
    const { tokens } = this.#options
    return refused === null ? tokens.current() : tokens.renew(refused)
  }

  /** Connects and waits for the end. Returns the token when it was refused and another one may help. */
  async #holdUnlessRefused(token: string, isSecondToken: boolean): Promise<string | null> {
    try {
      await this.#hold(token)
      return null
    } catch (error) {
      if (error instanceof HandshakeRefused && error.asksForToken && !isSecondToken) return token
      throw error
    }
  }

  async #hold(token: string): Promise<void> {
    if (this.#stopping.signal.aborted) return
    const { baseUrl: url, handlers, timing } = this.#options
    this.#dialing = dial({ url, token, timeoutMs: timing.connectTimeoutMs, handlers })
    this.#link = await this.#dialing.link
    const since = Date.now()
    this.#enter('ready')
    keepAuthorised(this.#link, { token, tokens: this.#options.tokens, timeoutMs: timing.ackTimeoutMs })
    if (!this.#foreground) this.#tell('away')
    const end = await this.#link.ended
    this.#link = null
    if (this.#stopping.signal.aborted) return
    this.#failures = Date.now() - since >= steadyAfterMs ? 0 : this.#failures + 1
    this.#enter('connecting')
    await this.#wait.atMost(delayAfterEnd(this.#failures, end, timing))
  }

  /** Devices are wrong about their network now and then: after the longest wait it is tried all the same. */
  async #untilOnline(): Promise<void> {
    if (this.#options.network.current().online) return
    this.#enter('waiting')
    await this.#wait.atMost(this.#options.timing.retryMaxMs)
  }

  #onNetworkChange(): void {
    const { online, foreground } = this.#options.network.current()
    const cameToFront = foreground && !this.#foreground
    const wentAway = !foreground && this.#foreground
    this.#foreground = foreground
    if (!online) {
      this.#dialing?.close()
      return
    }
    this.#failures = 0
    this.#wait.wake()
    if (cameToFront) void this.#checkHeartbeat()
    else if (wentAway) this.#tell('away')
  }

  /** A socket may have died long ago without a word while the app was away. */
  async #checkHeartbeat(): Promise<void> {
    const link = this.#link
    if (!link) return
    const { heartbeatTimeoutMs: timeoutMs } = this.#options.timing
    await this.request('back', {}, { timeoutMs }).catch((error: unknown) => {
      if (error instanceof NetworkProblem) link.close()
    })
  }

  #tell(event: 'away'): void {
    this.request(event, {}).catch(() => undefined)
  }

  #enter(next: RealtimeState): void {
    if (this.#state === next || this.#state === 'stopped') return
    this.#state = next
    this.#options.onState(next)
  }
}
