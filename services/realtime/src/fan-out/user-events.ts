import {
  AccountFact,
  accountData,
  type PublicUser,
  type ServerEventData,
  type UserEventData,
  type UserEventType,
  userEventData,
  usersApi,
} from '@finnigram/contracts'
import { fullJitter, pause, type StreamEntry } from '@finnigram/service-kit'
import type { z } from 'zod'
import { closeSockets } from '../connect/close-sockets.ts'
import type { WithMemberships } from '../connect/memberships.ts'
import type { RealtimeSocket } from '../connection.ts'
import type { WithIo, WithLog, WithRealtimeMetrics, WithStopping, WithUsers } from '../deps.ts'
import type { WithPresence } from '../presence/presence.ts'
import { encodeFrame } from '../wire/frame.ts'
import {
  conversationRoom,
  type EmitOptions,
  emitToRoom,
  emitToRooms,
  socketsIn,
  userRoom,
} from '../wire/rooms.ts'

export interface WithProfiles {
  /** The newest profile of each person whose change is being broadcast. */
  readonly profiles: Map<string, PublicUser>
}

export type UserEventDeps = BroadcastDeps & WithLog & WithPresence & WithProfiles

type UserEventHandlers = {
  [T in UserEventType]: (ctx: UserEventDeps, data: UserEventData[T]) => void
}

/** The handler of each user event. Every handler may run twice. */
const userEventHandlers: UserEventHandlers = {
  'user.created': () => {},
  'user.updated': handleProfileUpdated,
  'user.deleted': handleUserDeleted,
  'session.ended': emitSessionEnded,
  'block.changed': emitBlockChanged,
}

export const isUserEventType = (type: string): type is UserEventType => Object.hasOwn(userEventHandlers, type)

export function handleUserEvent<T extends UserEventType>(
  ctx: UserEventDeps,
  type: T,
  { payload }: StreamEntry,
): void {
  const handle: UserEventHandlers[T] = userEventHandlers[type]
  handle(ctx, parsePayload(userEventData[type], payload) as UserEventData[T])
}

/**
 * To the person's other devices, which may show a list of sessions. The session guard closes those
 * of the session itself.
 */
function emitSessionEnded(
  { io, realtimeMetrics }: WithIo & WithRealtimeMetrics,
  { userId, sessionId }: UserEventData['session.ended'],
): void {
  const frame = encodeFrame('account', JSON.stringify({ type: 'session.ended', data: { sessionId } }))
  const onlyTo = ({ data }: RealtimeSocket) => data.sessionId !== sessionId
  realtimeMetrics.frames.inc({ event: 'account' }, emitToRoom(io, userRoom(userId), frame, { onlyTo }))
}

/**
 * To the devices of the person who blocked, so that they agree. The blocked person learns nothing.
 */
function emitBlockChanged(ctx: UserEventDeps, change: UserEventData['block.changed']): void {
  ctx.presence.blockChanged(change)
  const { userId, blockedId, isBlocked } = change
  emitAccount(ctx, [userRoom(userId)], { type: 'block.changed', data: { userId: blockedId, isBlocked } })
}

/** To the person's own devices, and to people here who share a conversation with them. */
function handleProfileUpdated(ctx: UserEventDeps, change: UserEventData['user.updated']): void {
  ctx.presence.profileChanged(change)
  // A users node of an earlier version has the version beside the profile only.
  const user = { ...change.user, version: change.version }
  emitAccount(ctx, [userRoom(user.id)], { type: 'user.updated', data: { user } })
  void broadcastProfile(ctx, user)
}

/** Closes their sockets. Others get the profile of a deleted account. */
function handleUserDeleted(ctx: UserEventDeps, { id, user }: UserEventData['user.deleted']): void {
  closeSockets(ctx, socketsIn(ctx.io, userRoom(id)))
  ctx.presence.accountEnded(id)
  if (user) void broadcastProfile(ctx, user)
}

/** Frames a second for profile changes of one person, however often they change it. */
const framesPerSecond = 1000

/**
 * One broadcast at a time for each person, then a rest by its cost. Of changes meanwhile only the
 * newest follows.
 */
async function broadcastProfile(ctx: UserEventDeps, user: PublicUser): Promise<void> {
  if (ctx.io.sockets.sockets.size === 0) return
  const isBroadcasting = ctx.profiles.has(user.id)
  ctx.profiles.set(user.id, user)
  if (isBroadcasting) return
  for (let next: PublicUser | undefined = user; next !== undefined; ) {
    const current: PublicUser = next
    try {
      const frames = await emitProfileToOthers(ctx, current)
      await pause((frames / framesPerSecond) * 1000, ctx.stopping)
    } catch (error) {
      ctx.log.debug('The audience of a profile change could not be looked up', { error })
    }
    const newest = ctx.profiles.get(current.id)
    next = newest === current ? undefined : newest
  }
  ctx.profiles.delete(user.id)
}

/** Forwards an account event to the person's own devices unchanged; they ignore unknown types. */
export function forwardAccountEvent(ctx: WithIo & WithRealtimeMetrics, { payload }: StreamEntry): void {
  const { userId, type, data } = parsePayload(AccountFact, payload)
  if (isKnown(type)) accountData[type].parse(data)
  emitAccount(ctx, [userRoom(userId)], { type, data })
}

const isKnown = (type: string): type is keyof typeof accountData => Object.hasOwn(accountData, type)

/** Emits one frame to each socket in these rooms that `onlyTo` lets through. Returns how many. */
function emitAccount(
  { io, realtimeMetrics }: WithIo & WithRealtimeMetrics,
  rooms: readonly string[],
  { type, data }: ServerEventData['account'],
  options: Pick<EmitOptions, 'onlyTo'> = {},
): number {
  const frame = encodeFrame('account', JSON.stringify({ type, data }))
  const sent = emitToRooms(io, rooms, frame, options)
  realtimeMetrics.frames.inc({ event: 'account' }, sent)
  return sent
}

type BroadcastDeps = WithIo & WithMemberships & WithRealtimeMetrics & WithStopping & WithUsers

/**
 * People in one lookup, and attempts: the users service has just published, so it is hardly ever
 * down.
 */
const perQuestion = 500
const attempts = 3
const patienceMs = 2000

/**
 * Emits a profile to everyone here who shares a conversation with its person, unless one has
 * blocked the other: over REST the profile is not found either. Returns how many sockets got it.
 * Rejects before it emits anything when blocks cannot be looked up.
 */
async function emitProfileToOthers(ctx: BroadcastDeps, user: PublicUser): Promise<number> {
  const memberships = await ctx.loadMemberships(user.id)
  const rooms = memberships.map(({ id }) => conversationRoom(id))
  const asked = new Set([user.id])
  const mayKnow = new Set<string>()
  // Again until nobody new has connected meanwhile.
  for (let others = othersIn(ctx, rooms, asked); others.length > 0; others = othersIn(ctx, rooms, asked)) {
    for (const id of others) asked.add(id)
    for (const id of await lookUpVisible(ctx, user.id, others)) mayKnow.add(id)
  }
  if (mayKnow.size === 0) return 0
  const onlyTo = ({ data }: RealtimeSocket) => mayKnow.has(data.userId)
  // One frame for each socket, however many rooms it shares with this person.
  return emitAccount(ctx, rooms, { type: 'user.updated', data: { user } }, { onlyTo })
}

/** Some of the people in these rooms who were not looked up yet. */
function othersIn({ io }: BroadcastDeps, rooms: readonly string[], asked: ReadonlySet<string>): string[] {
  const others = new Set<string>()
  for (const room of rooms) {
    for (const { data } of socketsIn(io, room)) {
      if (!asked.has(data.userId)) others.add(data.userId)
      if (others.size === perQuestion) return [...others]
    }
  }
  return [...others]
}

/** Those of these people who may see the person: no block is between them. */
async function lookUpVisible(
  { users, stopping }: BroadcastDeps,
  userId: string,
  of: string[],
): Promise<string[]> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const { items } = await users.call(usersApi.lookupPresence, {
        body: { userId, of },
        timeoutMs: patienceMs,
      })
      return items.map((item) => item.userId)
    } catch (error) {
      if (attempt === attempts || stopping.aborted) throw error
      await pause(100 + fullJitter(attempt, { baseMs: 200, maxMs: 2000 }), stopping)
    }
  }
}

/**
 * Validates the payload of an entry and returns it whole: fields of a newer service are passed on.
 * Throws otherwise.
 */
export function parsePayload<S extends z.ZodType>(schema: S, payload: string): z.output<S> {
  const value: unknown = JSON.parse(payload)
  schema.parse(value)
  return value as z.output<S>
}
