import { busUnavailableReason } from '@finnigram/contracts'
import { backoffMs } from '../backoff.ts'
import { createInterruptibleSleep, type InterruptibleSleep } from '../interruptible-sleep.ts'
import type { Timing } from '../timing.ts'
import type { ConnectionState } from '../views.ts'
import {
  type ConnectionEvent,
  connectionTable,
  type Effect,
  initialMachine,
  type RealtimeState,
  toConnectionState,
  transition,
} from './connection-states.ts'
import type { NetworkSource } from './network-source.ts'

export interface ConnectionOptions {
  network: NetworkSource
  signal: AbortSignal
  timing: Timing
  /** Catches up; throws when the server does not answer. */
  sync: () => Promise<void>
  /** Everything that was missed is here: what waited for the server may go out. */
  onCaughtUp: () => void
  publish: () => void
}

/**
 * Keeps the device caught up, and says what the person sees of the connection. It drives the table
 * in `connection-states.ts`.
 *
 * Promise: whenever the socket is ready, or the server said that something may have been missed, a
 * sync follows, and is repeated until one succeeds that began after that. While no socket comes
 * about, a sync every `pollMs` replaces it.
 *
 * Procedure: `SignedInClient` reports every state of the socket and every `resync` of the server.
 * Each counts as a new round, and wakes the loop. The loop syncs or polls as the state asks for,
 * reports the end as an event, and sleeps.
 *
 * It never opens a socket (`reconnecting-socket.ts` does), never runs two syncs at once, and never
 * shows `online` for a sync of an earlier round.
 */
export class Connection {
  readonly #options: ConnectionOptions
  readonly #sleep: InterruptibleSleep
  #machine = initialMachine
  /** Rises with every event after which a sync under way may be too old. */
  #round = 0
  #hasEverSynced = false
  /** No poll is due before. */
  #pollAt = 0
  #failures = 0
  #shown: ConnectionState

  constructor(options: ConnectionOptions) {
    const { network, signal } = options
    this.#options = options
    this.#sleep = createInterruptibleSleep(signal)
    this.#shown = this.#toShown()
    signal.addEventListener(
      'abort',
      network.subscribe(() => this.#show()),
    )
    void this.#run()
  }

  get state(): ConnectionState {
    return this.#shown
  }

  /** The socket is in another state. */
  socketIs(next: RealtimeState): void {
    this.#startRound(next)
  }

  /**
   * The server may have missed telling something, and goes on missing it while its event bus is
   * unavailable.
   */
  resync(reason?: string): void {
    this.#startRound(reason === busUnavailableReason ? 'busUnavailable' : 'resync')
  }

  #startRound(event: ConnectionEvent): void {
    this.#round += 1
    this.#sleep.wake()
    this.#dispatch(event)
  }

  async #run(): Promise<void> {
    const { signal } = this.#options
    while (!signal.aborted) {
      const round = this.#round
      if (this.#isSyncDue()) await this.#catchUp(round)
      if (round === this.#round) await this.#sleep.atMost(this.#idleMs())
    }
  }

  #isSyncDue(): boolean {
    const { activity } = connectionTable[this.#machine.state]
    if (activity === 'poll') return this.#options.network.current().online && Date.now() >= this.#pollAt
    return activity === 'sync'
  }

  async #catchUp(round: number): Promise<void> {
    try {
      await this.#options.sync()
      this.#failures = 0
      this.#hasEverSynced = true
      this.#dispatch(round === this.#round ? 'synced' : 'syncedEarlier')
    } catch {
      this.#failures += 1
      this.#dispatch('syncFailed')
    }
  }

  /** How long nothing is due; a new round cuts it short. */
  #idleMs(): number {
    const { pollMs, retryBaseMs: baseMs, repairMaxMs: maxMs } = this.#options.timing
    const { activity } = connectionTable[this.#machine.state]
    if (activity === 'sync') return backoffMs(this.#failures, { baseMs, maxMs })
    const untilPollMs = this.#pollAt - Date.now()
    return activity === 'poll' && untilPollMs > 0 ? untilPollMs : pollMs * (0.75 + Math.random() / 2)
  }

  #dispatch(event: ConnectionEvent): void {
    const { machine, effect } = transition(this.#machine, event)
    this.#machine = machine
    if (effect) this.#perform(effect)
    this.#show()
  }

  #perform(effect: Effect): void {
    if (effect === 'resume') this.#options.onCaughtUp()
    // Thousands that lost their sockets at once must not all ask at once.
    else if (this.#hasEverSynced) this.#pollAt = Date.now() + Math.random() * this.#options.timing.pollMs
  }

  #show(): void {
    const next = this.#toShown()
    if (next === this.#shown) return
    this.#shown = next
    this.#options.publish()
  }

  #toShown(): ConnectionState {
    return toConnectionState(this.#machine, this.#options.network.current().online)
  }
}
