import { type PublicUser, type UserEventData, type UserEventType, userEventData } from '@finnigram/contracts'
import { pause, type StreamEntry } from '@finnigram/service-kit'
import { closeSockets } from '../connect/close-sockets.ts'
import type { RealtimeSocket } from '../connection.ts'
import type { RealtimeContext } from '../context.ts'
import { userRoom } from '../wire/rooms.ts'
import { emitToRoom, socketsIn } from '../wire/emit-to-room.ts'
import { encodeFrame } from '../wire/frame.ts'
import { emitAccount } from './account.ts'
import { readPayload } from './read-payload.ts'
import { tellOthers } from './tell-profile.ts'

type UserEventHandlers = {
  [T in UserEventType]: (ctx: RealtimeContext, data: UserEventData[T]) => void
}

/** What each fact about a person means to connected clients. Every handler may run twice. */
const tellers: UserEventHandlers = {
  'user.created': () => {},
  'user.updated': tellProfile,
  'user.deleted': tellDeleted,
  'session.ended': tellEnded,
  'block.changed': tellBlock,
}

export const isUserEventType = (type: string): type is UserEventType => Object.hasOwn(tellers, type)

export function tellOfUser<T extends UserEventType>(
  ctx: RealtimeContext,
  type: T,
  { payload }: StreamEntry,
): void {
  const tell: UserEventHandlers[T] = tellers[type]
  tell(ctx, readPayload(userEventData[type], payload) as UserEventData[T])
}

/** To the person's other devices, which may show what sessions there are; those of the session itself hear it from the session guard, as it closes them. */
function tellEnded(
  { io, figures }: RealtimeContext,
  { userId, sessionId }: UserEventData['session.ended'],
): void {
  const frame = encodeFrame('account', JSON.stringify({ type: 'session.ended', data: { sessionId } }))
  const onlyTo = ({ data }: RealtimeSocket) => data.sessionId !== sessionId
  figures.frames.inc({ event: 'account' }, emitToRoom(io, userRoom(userId), frame, { onlyTo }))
}

/** To the devices of who blocked, so that they agree; the one who is blocked is told nothing. */
function tellBlock(ctx: RealtimeContext, change: UserEventData['block.changed']): void {
  ctx.presence.blockChanged(change)
  const { userId, blockedId, isBlocked } = change
  emitAccount(ctx, [userRoom(userId)], { type: 'block.changed', data: { userId: blockedId, isBlocked } })
}

/** To the person's own devices, and to those here who share a conversation with them: names and faces change while one looks at them. */
function tellProfile(ctx: RealtimeContext, change: UserEventData['user.updated']): void {
  ctx.presence.profileChanged(change)
  // A users node of an earlier version says it beside the profile only.
  const user = { ...change.user, version: change.version }
  emitAccount(ctx, [userRoom(user.id)], { type: 'user.updated', data: { user } })
  void tellOthersInTurn(ctx, user)
}

/** Their sockets close; to others they are a deleted account from now on. */
function tellDeleted(ctx: RealtimeContext, { id, user }: UserEventData['user.deleted']): void {
  closeSockets(ctx, socketsIn(ctx.io, userRoom(id)))
  ctx.presence.accountEnded(id)
  if (user) void tellOthersInTurn(ctx, user)
}

/** Frames a second that the profile of one person costs this node, however often they change it. */
const framesPerSecond = 1000

/**
 * One round at a time for each person, and a rest by what it cost: of what changes meanwhile the
 * newest is told next.
 */
async function tellOthersInTurn(ctx: RealtimeContext, user: PublicUser): Promise<void> {
  if (ctx.io.sockets.sockets.size === 0) return
  const isTelling = ctx.profiles.has(user.id)
  ctx.profiles.set(user.id, user)
  if (isTelling) return
  for (let next: PublicUser | undefined = user; next !== undefined; ) {
    const told: PublicUser = next
    try {
      const frames = await tellOthers(ctx, told)
      await pause((frames / framesPerSecond) * 1000, ctx.stopping)
    } catch (error) {
      ctx.log.debug('Whom a profile concerns could not be looked up', { error })
    }
    const newest = ctx.profiles.get(told.id)
    next = newest === told ? undefined : newest
  }
  ctx.profiles.delete(user.id)
}
