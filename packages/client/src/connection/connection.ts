import { deafReason } from '@finnigram/contracts'
import { backoffMs } from '../backoff.ts'
import { createInterruptibleSleep, type InterruptibleSleep } from '../interruptible-sleep.ts'
import type { Timing } from '../timing.ts'
import type { ConnectionState } from '../views.ts'
import type { NetworkSource } from './network-source.ts'
import type { RealtimeState } from './realtime.ts'

export interface ConnectionOptions {
  network: NetworkSource
  signal: AbortSignal
  timing: Timing
  /** Catches up; throws when the server does not answer. */
  sync: () => Promise<void>
  /** Everything that was missed is here. */
  onCaughtUp: () => void
  publish: () => void
}

/** What the person sees of the connection, and the catching up behind it: a sync whenever the socket is ready, and now and then by itself while the socket cannot connect. */
export class Connection {
  readonly #options: ConnectionOptions
  readonly #wait: InterruptibleSleep
  #socket: RealtimeState = 'connecting'
  /** The server is reached, and hears nothing of what others say. */
  #isDeaf = false
  /** Rises whenever there may be something to catch up with. */
  #wanted = 0
  #caughtUpWith = -1
  /** No poll is due before. */
  #pollAt = 0
  #polled = false
  #failures = 0
  #state: ConnectionState

  constructor(options: ConnectionOptions) {
    const { network, signal } = options
    this.#options = options
    this.#wait = createInterruptibleSleep(signal)
    this.#state = this.#toState()
    signal.addEventListener(
      'abort',
      network.subscribe(() => this.#show()),
    )
    void this.#run()
  }

  get state(): ConnectionState {
    return this.#state
  }

  /** The socket is in another state. */
  socketIs(next: RealtimeState): void {
    this.#socket = next
    // Thousands that lost their sockets at once do not all ask at once.
    const isInStep = this.#caughtUpWith >= 0
    if (next === 'waiting' && isInStep)
      this.#pollAt = Date.now() + Math.random() * this.#options.timing.pollMs
    this.resync()
  }

  /** The server may have missed telling something, and goes on missing it where that is the reason. */
  resync(reason?: string): void {
    this.#isDeaf = reason === deafReason
    this.#wanted += 1
    this.#wait.wake()
    this.#show()
  }

  async #run(): Promise<void> {
    const { network, signal } = this.#options
    while (!signal.aborted) {
      const before = this.#wanted
      const isBehind = this.#socket === 'ready' && this.#caughtUpWith !== before
      const isAlone = this.#socket === 'waiting' && network.current().online
      if (isBehind || (isAlone && Date.now() >= this.#pollAt)) await this.#catchUp()
      if (before === this.#wanted) await this.#wait.atMost(this.#idleMs())
    }
  }

  async #catchUp(): Promise<void> {
    const round = this.#wanted
    try {
      await this.#options.sync()
      this.#caughtUpWith = round
      this.#failures = 0
      this.#polled = true
      this.#options.onCaughtUp()
    } catch {
      this.#failures += 1
      this.#polled = false
    }
    this.#show()
  }

  /** How long nothing is due; a change of the socket cuts it short. */
  #idleMs(): number {
    const { pollMs, retryBaseMs: baseMs, repairMaxMs: maxMs } = this.#options.timing
    const isBehind = this.#socket === 'ready' && this.#caughtUpWith !== this.#wanted
    if (this.#socket === 'waiting' && Date.now() < this.#pollAt) return this.#pollAt - Date.now()
    return isBehind ? backoffMs(this.#failures, { baseMs, maxMs }) : pollMs * (0.75 + Math.random() / 2)
  }

  #show(): void {
    const next = this.#toState()
    if (next === this.#state) return
    this.#state = next
    this.#options.publish()
  }

  /** A socket that is ready knows better than the device's own signal. */
  #toState(): ConnectionState {
    if (this.#socket === 'ready' && this.#isDeaf) return 'delayed'
    if (this.#socket === 'ready') return this.#caughtUpWith === this.#wanted ? 'online' : 'updating'
    if (!this.#options.network.current().online) return 'offline'
    if (this.#socket === 'waiting') return this.#polled ? 'connecting' : 'offline'
    return this.#socket === 'connecting' ? 'connecting' : 'offline'
  }
}
