import type { RealtimeServer, RealtimeSocket } from '../connection.ts'

/** How long the clients of this node are to spread over, should it die: they all notice at the same moment. */
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

/** Nobody notices this, in milliseconds, and a node that is started again is not there before. */
const shortestMs = 500
const longestMs = 55_000
/** Of the time it takes to let as many in again: a little more, so that hardly anyone comes in vain when all nodes die. */
const share = 1.3
/** Clients hear of it when there are this many times more, or less, than they were told. Each hears it five times at most while a crowd grows. */
const factor = 1.25
const lookEveryMs = 5_000
/** A few with each step, in milliseconds, so that telling thousands holds nobody up. */
const stepMs = 250
const perStep = 50

/** Tells every client in `ready`, and again whenever the crowd has become another, how much time there is for its comeback. */
export function createReconnectWindow({ io, perSecond }: ReconnectWindowOptions): ReconnectWindow {
  /** As of when all were told. */
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
  const tell = setInterval(() => {
    for (const socket of left.splice(0, perStep)) socket.emit('crowd', { comebackWithinMs: within(level) })
  }, stepMs)
  return {
    currentMs: () => within(Math.max(level, size())),
    [Symbol.dispose]() {
      clearInterval(look)
      clearInterval(tell)
    },
  }
}
