import { busUnavailableReason } from '@finnigram/contracts'
import { pause } from '@finnigram/service-kit'
import { type JoinDeps, joinRooms } from '../connect/memberships.ts'
import type { RealtimeSocket } from '../connection.ts'
import type { WithIo, WithLog, WithRealtimeMetrics, WithRedis } from '../deps.ts'
import type { WithPresence } from '../presence/presence.ts'
import { conversationRoom, socketsIn, userRoom } from '../wire/rooms.ts'

/** Rate of resync notices, so that thousands of clients do not sync at once. */
const perSecond = 500
const stepMs = 50

/** Resyncs clients after a gap: all, those of one conversation, or those of one person. */
export interface Resync {
  all(reason: string): void
  room(conversationId: string, reason: string): void
  person(userId: string, reason: string): void
}

/**
 * After a gap a removal may have been missed. So each socket concerned leaves its rooms at once,
 * joins again by fresh memberships, and gets a resync. After a gap of everything, a socket that is
 * still joining starts over by itself.
 */
export function createResync(ctx: JoinDeps & WithIo & WithLog & WithPresence & WithRealtimeMetrics): Resync {
  const waiting: RealtimeSocket[] = []
  let latestReason = ''
  let isNotifying = false

  const notifyWaiting = async () => {
    if (isNotifying) return
    isNotifying = true
    while (waiting.length > 0 && !ctx.stopping.aborted) {
      for (const socket of waiting.splice(0, (perSecond * stepMs) / 1000)) {
        socket.emit('resync', { reason: latestReason })
      }
      await pause(stepMs, ctx.stopping)
    }
    isNotifying = false
  }
  const rejoin = async (socket: RealtimeSocket) => {
    if (!(await joinRooms(ctx, socket))) return
    waiting.push(socket)
    await notifyWaiting()
  }
  const rejoinAll = (sockets: Iterable<RealtimeSocket>, reason: string) => {
    latestReason = reason
    const settled = [...sockets].filter(({ data }) => data.joining === null)
    if (settled.length > 0) ctx.log.warn('Clients get a resync', { reason, sockets: settled.length })
    for (const socket of settled) void rejoin(socket)
  }
  return {
    all(reason) {
      ctx.gaps.count += 1
      ctx.realtimeMetrics.gaps.inc()
      ctx.presence.eventsMissed()
      rejoinAll(ctx.io.sockets.sockets.values(), reason)
    },
    room(conversationId, reason) {
      // A socket that is joining may be given outdated memberships.
      ctx.gaps.count += 1
      ctx.realtimeMetrics.gaps.inc()
      rejoinAll(socketsIn(ctx.io, conversationRoom(conversationId)), reason)
    },
    person: (userId, reason) => rejoinAll(socketsIn(ctx.io, userRoom(userId)), reason),
  }
}

/** A restart of Redis takes less, in milliseconds, and nobody misses anything. */
const patienceMs = 2_000
/** Each client syncs once in this time, in milliseconds, as often as a client without a socket. */
const roundMs = 15_000
const roundStepMs = 250
/** With very many sockets a round takes longer: at most 200 notices a second. */
const mostPerStep = 50

/**
 * While the bus is unavailable this node is degraded: it reads no events, and its sockets look
 * healthy. So each client gets a resync once in a round, spread over it, and once more after the
 * bus is back.
 */
export function startDegradedResync(ctx: WithIo & WithLog & WithRedis): Disposable {
  const { redis } = ctx
  let busDownSince: number | undefined
  let round: Round | undefined

  const timer = setInterval(() => {
    const now = performance.now()
    if (!redis.isUp) {
      busDownSince ??= now
      if (now - busDownSince < patienceMs) return
      if (!round || (round.left.length === 0 && now >= round.endsAt)) round = beginRound(ctx, now)
    } else if (busDownSince !== undefined) {
      busDownSince = undefined
      if (round) round = { ...beginRound(ctx, now), perStep: mostPerStep }
    }
    const reason = redis.isUp ? 'This node hears again' : busUnavailableReason
    for (const socket of round?.left.splice(0, round.perStep) ?? []) socket.emit('resync', { reason })
    if (redis.isUp && round?.left.length === 0) round = undefined
  }, roundStepMs)
  return { [Symbol.dispose]: () => clearInterval(timer) }
}

/** Sockets that are still to be notified, a few with each step. */
interface Round {
  left: RealtimeSocket[]
  perStep: number
  endsAt: number
}

function beginRound({ io, log }: WithIo & WithLog, now: number): Round {
  const left = [...io.sockets.sockets.values()].filter(({ data }) => data.joining === null)
  if (left.length > 0) log.debug('Clients get a resync: the bus is unavailable', { sockets: left.length })
  return {
    left,
    perStep: Math.min(mostPerStep, Math.ceil((left.length * roundStepMs) / roundMs)),
    endsAt: now + roundMs,
  }
}
