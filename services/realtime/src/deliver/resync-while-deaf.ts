import type { RealtimeSocket } from '../connection.ts'
import type { RealtimeContext } from '../context.ts'

/** A Redis that restarts is back before anyone misses anything, in milliseconds. */
const patienceMs = 2_000
/** Each client is told to sync once in this time, in milliseconds: as often as one asks by itself that has no socket. */
const roundMs = 15_000
const stepMs = 250
/** Where there are very many, a round takes longer: this node tells no more than 200 a second. */
const mostPerStep = 50

/**
 * While Redis is away this node hears nothing of what is said, and its sockets look as well as ever: so every client is
 * told to sync now and then, each at another moment of a round.
 */
export function startResyncWhileDeaf({ io, redis, log }: RealtimeContext): Disposable {
  let deafSince: number | undefined
  let roundAt = 0
  let left: RealtimeSocket[] = []
  let perStep = 0

  const beginRound = (now: number) => {
    roundAt = now + roundMs
    left = [...io.sockets.sockets.values()].filter(({ data }) => data.joining === null)
    perStep = Math.min(mostPerStep, Math.ceil((left.length * stepMs) / roundMs))
    if (left.length > 0) log.debug('Without Redis, clients are told to sync', { sockets: left.length })
  }
  const timer = setInterval(() => {
    const now = performance.now()
    if (redis.isUp) {
      deafSince = undefined
      left = []
      return
    }
    deafSince ??= now
    if (now - deafSince < patienceMs) return
    if (left.length === 0 && now >= roundAt) beginRound(now)
    for (const socket of left.splice(0, perStep)) {
      socket.emit('resync', { reason: 'This node hears nothing at this moment' })
    }
  }, stepMs)
  return { [Symbol.dispose]: () => clearInterval(timer) }
}
