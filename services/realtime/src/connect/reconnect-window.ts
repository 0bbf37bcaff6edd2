import type { RealtimeServer, RealtimeSocket } from '../connection.ts'

/**
 * The time over which clients spread their reconnects if this node dies. All notice at the same
 * moment, and nobody is left to give each a Retry-After. So every client knows the window in
 * advance: from `ready`, and again when the number of sockets has changed by a quarter (`crowd` on
 * the wire).
 */
export interface ReconnectWindow extends Disposable {
  /** In milliseconds. */
  currentMs(): number
}

export interface WithReconnectWindow {
  readonly reconnectWindow: ReconnectWindow
}

interface ReconnectWindowOptions {
  io: RealtimeServer
  /** New connections a node takes up each second. */
  perSecond: number
}

/** In milliseconds: unnoticed by people, and a restarted node is not there before. */
const shortestMs = 500
const longestMs = 55_000
/** Factor on the time that admission needs for all: slack for the case that all nodes die. */
const share = 1.3
/** Clients get a new window when the number of sockets has changed by this factor. */
const factor = 1.25
const lookEveryMs = 5_000
/** Milliseconds between steps, and sockets for each step, so that the event loop stays free. */
const stepMs = 250
const perStep = 50

export function createReconnectWindow({ io, perSecond }: ReconnectWindowOptions): ReconnectWindow {
  /** Sockets there were when the window was last sent. */
  let level = 0
  let left: RealtimeSocket[] = []
  const size = () => io.sockets.sockets.size
  const within = (sockets: number) =>
    Math.round(Math.min(longestMs, Math.max(shortestMs, (sockets / perSecond) * 1000 * share)))

  const look = setInterval(() => {
    if (size() <= level * factor && size() >= level / factor) return
    const isOther = within(size()) !== within(level)
    level = size()
    if (isOther) left = [...io.sockets.sockets.values()]
  }, lookEveryMs)
  const send = setInterval(() => {
    for (const socket of left.splice(0, perStep)) socket.emit('crowd', { comebackWithinMs: within(level) })
  }, stepMs)
  return {
    currentMs: () => within(Math.max(level, size())),
    [Symbol.dispose]() {
      clearInterval(look)
      clearInterval(send)
    },
  }
}
