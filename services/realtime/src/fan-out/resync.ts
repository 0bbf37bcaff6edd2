import { deafReason } from '@finnigram/contracts'
import { pause } from '@finnigram/service-kit'
import { type JoinDeps, joinRooms } from '../connect/memberships.ts'
import type { RealtimeSocket } from '../connection.ts'
import type { WithIo, WithLog, WithRealtimeMetrics, WithRedis } from '../deps.ts'
import type { WithPresence } from '../presence/presence.ts'
import { conversationRoom, socketsIn, userRoom } from '../wire/rooms.ts'

/** Clients told each second, so that thousands do not sync at once. */
const perSecond = 500
const stepMs = 50

/** What a node does that may have missed something: of everything, of one conversation, or about one person. */
export interface Resync {
  all(reason: string): void
  room(conversationId: string, reason: string): void
  person(userId: string, reason: string): void
}

/**
 * After a gap: a removal may be among what was missed, so every socket concerned leaves its rooms at once and joins anew
 * from what the messages service says; then it is told to sync. After a gap of everything, a socket that is still joining
 * starts over by itself.
 */
export function createResync(ctx: JoinDeps & WithIo & WithLog & WithPresence & WithRealtimeMetrics): Resync {
  const waiting: RealtimeSocket[] = []
  let latestReason = ''
  let isTelling = false

  const tellWaiting = async () => {
    if (isTelling) return
    isTelling = true
    while (waiting.length > 0 && !ctx.stopping.aborted) {
      for (const socket of waiting.splice(0, (perSecond * stepMs) / 1000)) {
        socket.emit('resync', { reason: latestReason })
      }
      await pause(stepMs, ctx.stopping)
    }
    isTelling = false
  }
  const rejoin = async (socket: RealtimeSocket) => {
    if (!(await joinRooms(ctx, socket))) return
    waiting.push(socket)
    await tellWaiting()
  }
  const rejoinAll = (sockets: Iterable<RealtimeSocket>, reason: string) => {
    latestReason = reason
    const settled = [...sockets].filter(({ data }) => data.joining === null)
    if (settled.length > 0) ctx.log.warn('Clients are told to sync', { reason, sockets: settled.length })
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
      // Whoever is joining may be told what was true before.
      ctx.gaps.count += 1
      ctx.realtimeMetrics.gaps.inc()
      rejoinAll(socketsIn(ctx.io, conversationRoom(conversationId)), reason)
    },
    person: (userId, reason) => rejoinAll(socketsIn(ctx.io, userRoom(userId)), reason),
  }
}

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

function beginRound({ io, log }: WithIo & WithLog, now: number): Round {
  const left = [...io.sockets.sockets.values()].filter(({ data }) => data.joining === null)
  if (left.length > 0) log.debug('Clients are told to sync because of Redis', { sockets: left.length })
  return {
    left,
    perStep: Math.min(mostPerStep, Math.ceil((left.length * roundStepMs) / roundMs)),
    endsAt: now + roundMs,
  }
}
