import type { ClientEvent, ClientEventAck, ClientEventData } from '@finnigram/contracts'
import type { TokenSource } from '../api/create-api.ts'
import { NetworkProblem } from '../api/problems.ts'
import { createInterruptibleSleep } from '../interruptible-sleep.ts'
import type { Unsubscribe } from '../subscriptions.ts'
import { type Timing, usualTiming } from '../timing.ts'
import { nextSocketState, type RealtimeState, type SocketEvent } from './connection-states.ts'
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
  /**
   * Sends and waits for the answer; never buffered. Throws `NetworkProblem` when not connected or
   * unanswered, `ApiProblem` when refused.
   */
  request<E extends ClientEvent>(
    event: E,
    data: ClientEventData[E],
    options?: RequestOptions,
  ): Promise<ClientEventAck[E]>
  stop(): void
}

/**
 * Keeps one socket connected until stopped: through every drop, with full jitter and the signals of
 * the device.
 */
export function connectRealtime(options: RealtimeOptions): Realtime {
  const { network = alwaysOnline, timing = usualTiming, onState = () => undefined } = options
  const socket = new ReconnectingSocket({
    ...options,
    baseUrl: options.baseUrl || globalThis.location.origin,
    network,
    timing,
    onState,
  })
  void socket.run()
  return socket
}

/** A link that lived this long was a good one: the tries after it start over. */
const steadyAfterMs = 10_000

/**
 * How often the server may defer a client before the client shows as waiting, and begins to poll.
 */
const toleratedDeferrals = 3

/**
 * The reconnection policy, all of it.
 *
 * Promise: there is one socket at most, and one try at a time. Until `stop`, or until there is no
 * session, a lost socket is replaced. A request is answered, refused or failed at once; none is
 * kept for a later socket.
 *
 * Procedure: wait for a network, get a token, dial, hold the socket until it ends, wait, dial
 * again. A refused token is renewed once. How long to wait is in `reconnect-delays.ts`; signals of
 * the device cut the wait short. Which state follows is in `connection-states.ts`.
 *
 * It never syncs: `SignedInClient` passes every state on to `Connection`, which does.
 */
class ReconnectingSocket implements Realtime {
  readonly #options: Required<RealtimeOptions>
  readonly #stopping = new AbortController()
  readonly #sleep = createInterruptibleSleep(this.#stopping.signal)
  readonly #unsubscribe: Unsubscribe
  #foreground: boolean
  #dialing: Dialing | null = null
  #link: Link | null = null
  #failures = 0
  #state: RealtimeState = 'connecting'

  constructor(options: Required<RealtimeOptions>) {
    this.#options = options
    this.#foreground = options.network.current().foreground
    this.#unsubscribe = options.network.subscribe(() => this.#onNetworkChange())
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
    this.#unsubscribe()
    this.#stopping.abort()
    this.#dialing?.close()
    this.#dispatch('stopped')
  }

  async run(): Promise<void> {
    let refusedToken: string | null = null
    let deferralsLeft = 0
    while (!this.#stopping.signal.aborted) {
      await this.#untilOnline()
      try {
        const token: string | null = await this.#freshToken(refusedToken)
        if (token === null) return this.#dispatch('unauthenticated')
        refusedToken = await this.#holdUnlessRefused(token, refusedToken !== null)
        if (refusedToken === null) deferralsLeft = toleratedDeferrals
      } catch (error) {
        refusedToken = null
        const retryAfterMs = error instanceof HandshakeRefused ? error.retryAfterMs : null
        // A Retry-After keeps the state `connecting`, but not for ever: deferred again and again,
        // the client polls.
        this.#dispatch(retryAfterMs !== null && deferralsLeft > 0 ? 'deferred' : 'failed')
        deferralsLeft -= 1
        await this.#sleep.atMost(delayAfterFailure(this.#failures, retryAfterMs, this.#options.timing))
        this.#failures += 1
      }
    }
  }

  #freshToken(refused: string | null): Promise<string | null> {
    const { tokens } = this.#options
    return refused === null ? tokens.current() : tokens.renew(refused)
  }

  /**
   * Connects and waits for the end. Returns the token when it was refused and another one may help.
   */
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
    this.#dispatch('opened')
    keepAuthorised(this.#link, { token, tokens: this.#options.tokens, timeoutMs: timing.ackTimeoutMs })
    if (!this.#foreground) this.#notifyAway()
    const end = await this.#link.ended
    this.#link = null
    if (this.#stopping.signal.aborted) return
    this.#failures = Date.now() - since >= steadyAfterMs ? 0 : this.#failures + 1
    this.#dispatch('lost')
    await this.#sleep.atMost(delayAfterEnd(this.#failures, end, timing))
  }

  /**
   * Devices are wrong about their network now and then: after the longest wait it is tried all the
   * same.
   */
  async #untilOnline(): Promise<void> {
    if (this.#options.network.current().online) return
    this.#dispatch('networkLost')
    await this.#sleep.atMost(this.#options.timing.retryMaxMs)
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
    this.#sleep.wake()
    if (cameToFront) void this.#checkHeartbeat()
    else if (wentAway) this.#notifyAway()
  }

  /** A socket may have died without notice while the app was in the background. */
  async #checkHeartbeat(): Promise<void> {
    const link = this.#link
    if (!link) return
    const { heartbeatTimeoutMs: timeoutMs } = this.#options.timing
    await this.request('back', {}, { timeoutMs }).catch((error: unknown) => {
      if (error instanceof NetworkProblem) link.close()
    })
  }

  #notifyAway(): void {
    this.request('away', {}).catch(() => undefined)
  }

  #dispatch(event: SocketEvent): void {
    const next = nextSocketState(this.#state, event)
    if (this.#state === next) return
    this.#state = next
    this.#options.onState(next)
  }
}
