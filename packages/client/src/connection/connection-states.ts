import type { ConnectionState } from '../views.ts'

/**
 * The connection of a client as a state machine: states × events → next state, effect. Nothing in
 * here has a clock, a socket or a promise, so that the table can be read and tested alone.
 * `docs/protocol.md` shows it, and a test compares the two.
 *
 * Two levels, because a socket also works without a store (bots, the benchmark):
 *
 * - The **socket**: `reconnecting-socket.ts` dials, holds the socket and dials again. Its next
 *   state follows
 *   from the event alone.
 * - The **connection**: `connection.ts` takes every change of the socket as an event. It syncs
 *   while the state says so, polls while no socket comes about, and shows the person one of five
 *   states.
 *
 * What the table promises:
 *
 * - `online` is entered by a sync that began after the socket was ready and after the last
 *   `resync`. Subscribe first, then fetch: nothing lies between the two.
 * - Every event after which something may have been missed leads to a state whose activity is
 *   `sync`.
 * - A socket that is ready counts for more than the device's own signal of having no network.
 * - A server that answers REST while no socket comes about is not shown as offline.
 * - `stopped` is final for a socket.
 *
 * It never waits, and it never decides how long to wait: that is in `reconnect-delays.ts` and in
 * the two drivers.
 */

/**
 * `waiting`: a try failed and the next one is due by itself. `signedOut`: there is no session to
 * connect with.
 */
export type RealtimeState = 'stopped' | 'connecting' | 'ready' | 'waiting' | 'signedOut'

export type SocketEvent = keyof typeof socketTransitions

const socketTransitions = {
  /** The handshake ended with `ready`. */
  opened: 'ready',
  /** A socket that was ready is gone. The next try is spread over the reconnect window. */
  lost: 'connecting',
  /** The server named a moment to come back at, so it is there. */
  deferred: 'connecting',
  /** A try failed. The next one comes after a backoff with full jitter. */
  failed: 'waiting',
  /** The device says that it has no network. */
  networkLost: 'waiting',
  /** No session: nothing more is tried. */
  unauthenticated: 'signedOut',
  stopped: 'stopped',
} as const satisfies Record<string, RealtimeState>

export function nextSocketState(state: RealtimeState, event: SocketEvent): RealtimeState {
  return state === 'stopped' ? state : socketTransitions[event]
}

/** `updatingDelayed` and `delayed`: the server is reached, and its event bus is unavailable. */
export type State =
  | 'connecting'
  | 'waiting'
  | 'updating'
  | 'online'
  | 'updatingDelayed'
  | 'delayed'
  | 'signedOut'
  | 'stopped'

/**
 * A new state of the socket, a message of the server (`resync`, `busUnavailable`), or the end of a
 * sync. `syncedEarlier`: the sync succeeded, but began before the last event that asked for one.
 */
export type ConnectionEvent =
  | RealtimeState
  | 'resync'
  | 'busUnavailable'
  | 'synced'
  | 'syncedEarlier'
  | 'syncFailed'

/**
 * `schedulePoll`: ask by REST from a random moment on. `resume`: everything that waited for the
 * server goes out: outbox, markers, drafts, pages of history.
 */
export type Effect = 'schedulePoll' | 'resume'

/** `sync`: until one succeeds. `poll`: a sync now and then. */
export type Activity = 'sync' | 'poll' | 'rest'

export interface Row {
  activity: Activity
  /** An event that is not listed changes nothing. */
  on: Partial<Record<ConnectionEvent, readonly [next: State, effect?: Effect]>>
}

const socketChanges = {
  connecting: ['connecting'],
  ready: ['updating'],
  waiting: ['waiting', 'schedulePoll'],
  signedOut: ['signedOut'],
  stopped: ['stopped'],
} as const

/** A sync that was under way when the socket went. */
const lateSync = (state: State) =>
  ({ synced: [state, 'resume'], syncedEarlier: [state, 'resume'] }) satisfies Row['on']

const missed = { resync: ['updating'], busUnavailable: ['updatingDelayed'] } as const

export const connectionTable: Record<State, Row> = {
  connecting: { activity: 'rest', on: { ...socketChanges, ...lateSync('connecting') } },
  waiting: { activity: 'poll', on: { ...socketChanges, ...lateSync('waiting') } },
  updating: {
    activity: 'sync',
    on: {
      ...socketChanges,
      ...missed,
      synced: ['online', 'resume'],
      syncedEarlier: ['updating', 'resume'],
    },
  },
  online: { activity: 'rest', on: { ...socketChanges, ...missed } },
  updatingDelayed: {
    activity: 'sync',
    on: {
      ...socketChanges,
      ...missed,
      synced: ['delayed', 'resume'],
      syncedEarlier: ['updatingDelayed', 'resume'],
    },
  },
  delayed: { activity: 'rest', on: { ...socketChanges, ...missed } },
  signedOut: { activity: 'rest', on: { ...socketChanges, ...lateSync('signedOut') } },
  stopped: { activity: 'rest', on: lateSync('stopped') },
}

export interface Machine {
  readonly state: State
  /**
   * The last sync ended well: a server that cannot be reached by a socket is there all the same.
   */
  readonly isServerReached: boolean
}

export const initialMachine: Machine = { state: 'connecting', isServerReached: false }

/** What an event makes of the machine, and what is to be done then. */
export function transition(
  { state, isServerReached }: Machine,
  event: ConnectionEvent,
): { machine: Machine; effect: Effect | undefined } {
  const [next, effect] = connectionTable[state].on[event] ?? [state]
  return { machine: { state: next, isServerReached: reachedAfter(event) ?? isServerReached }, effect }
}

function reachedAfter(event: ConnectionEvent): boolean | undefined {
  if (event === 'syncFailed') return false
  return event === 'synced' || event === 'syncedEarlier' ? true : undefined
}

/** What the person sees. `hasNetwork` is the device's own signal. */
export function toConnectionState({ state, isServerReached }: Machine, hasNetwork: boolean): ConnectionState {
  switch (state) {
    case 'updating':
    case 'online':
      return state
    case 'updatingDelayed':
    case 'delayed':
      return 'delayed'
    case 'connecting':
      return hasNetwork ? 'connecting' : 'offline'
    case 'waiting':
      return hasNetwork && isServerReached ? 'connecting' : 'offline'
    default:
      return 'offline'
  }
}
