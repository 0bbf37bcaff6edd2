import { deafReason } from '@finnigram/contracts'
import type { RealtimeSocket } from '../connection.ts'
import type { RealtimeContext } from '../context.ts'

/** A Redis that restarts is back before anyone misses anything, in milliseconds. */
const patienceMs = 2_000
/** Each client is told to sync once in this time, in milliseconds: as often as one asks by itself that has no socket. */
const roundMs = 15_000
const roundStepMs = 250
/** Where there are very many, a round takes longer: this node tells no more than 200 a second. */
const mostPerStep = 50

/**
 * While Redis is away this node hears nothing of what is said, and its sockets look as well as ever: so every client is
 * told to sync now and then, each at another moment of a round, and told so once more when that is over.
 */
export function startResyncWhileDeaf(ctx: RealtimeContext): Disposable {
  const { redis } = ctx
  let deafSince: number | undefined
  let round: Round | undefined

  const timer = setInterval(() => {
    const now = performance.now()
    if (!redis.isUp) {
      deafSince ??= now
      if (now - deafSince < patienceMs) return
      if (!round || (round.left.length === 0 && now >= round.endsAt)) round = beginRound(ctx, now)
    } else if (deafSince !== undefined) {
      deafSince = undefined
      if (round) round = { ...beginRound(ctx, now), perStep: mostPerStep }
    }
    const reason = redis.isUp ? 'This node hears again' : deafReason
    for (const socket of round?.left.splice(0, round.perStep) ?? []) socket.emit('resync', { reason })
    if (redis.isUp && round?.left.length === 0) round = undefined
  }, roundStepMs)
  return { [Symbol.dispose]: () => clearInterval(timer) }
}

/** Everyone who is to be told, a few with each step. */
interface Round {
  left: RealtimeSocket[]
  perStep: number
  endsAt: number
}

function beginRound({ io, log }: RealtimeContext, now: number): Round {
  const left = [...io.sockets.sockets.values()].filter(({ data }) => data.joining === null)
  if (left.length > 0) log.debug('Clients are told to sync because of Redis', { sockets: left.length })
  return {
    left,
    perStep: Math.min(mostPerStep, Math.ceil((left.length * roundStepMs) / roundMs)),
    endsAt: now + roundMs,
  }
}
