import { backoffMs } from '../backoff.ts'
import type { ConnectionState } from '../client.ts'
import type { RealtimeState } from '../realtime/connect-realtime.ts'
import type { NetworkSource } from '../realtime/network-source.ts'
import type { Timing } from '../timing.ts'
import { createWait } from '../wait.ts'

/** What the person sees of the connection, and the catching up behind it. */
export interface Connection {
  readonly state: ConnectionState
  /** The socket is in another state. */
  socketIs(state: RealtimeState): void
  /** The server may have missed telling something. */
  resync(): void
}

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

/** Syncs whenever the socket is ready, and now and then by itself while the socket cannot connect. */
export function createConnection(options: ConnectionOptions): Connection {
  const { network, signal, timing } = options
  const wait = createWait(signal)
  let socket: RealtimeState = 'connecting'
  /** Rises whenever there may be something to catch up with. */
  let wanted = 0
  let caughtUpWith = -1
  let polled = false
  let failures = 0
  let state: ConnectionState = toState()

  function toState(): ConnectionState {
    if (socket === 'ready') return caughtUpWith === wanted ? 'online' : 'updating'
    if (!network.current().online) return 'offline'
    if (socket === 'waiting') return polled ? 'connecting' : 'offline'
    return socket === 'connecting' ? 'connecting' : 'offline'
  }
  function show() {
    const next = toState()
    if (next === state) return
    state = next
    options.publish()
  }
  async function catchUp() {
    const round = wanted
    try {
      await options.sync()
      caughtUpWith = round
      failures = 0
      polled = true
      options.onCaughtUp()
    } catch {
      failures += 1
      polled = false
    }
    show()
  }
  /** How long nothing is due; a change of the socket cuts it short. */
  function idleMs(): number {
    const retry = backoffMs(failures, { baseMs: timing.retryBaseMs, maxMs: timing.retryMaxMs })
    if (socket === 'ready') return caughtUpWith === wanted ? timing.pollMs : retry
    return timing.pollMs * (0.75 + Math.random() / 2)
  }
  async function run() {
    while (!signal.aborted) {
      const before = wanted
      const isBehind = socket === 'ready' && caughtUpWith !== wanted
      if (isBehind || (socket === 'waiting' && network.current().online)) await catchUp()
      if (before === wanted) await wait.atMost(idleMs())
    }
  }
  signal.addEventListener('abort', network.subscribe(show))
  void run()
  return {
    get state() {
      return state
    },
    socketIs(next) {
      socket = next
      wanted += 1
      wait.wake()
      show()
    },
    resync() {
      wanted += 1
      wait.wake()
      show()
    },
  }
}
