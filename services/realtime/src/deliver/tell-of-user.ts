import { type UserEventData, type UserEventType, userEventData } from '@finnigram/contracts'
import type { StreamEntry } from '@finnigram/service-kit'
import { closeSockets } from '../connect/close-ended.ts'
import type { RealtimeSocket } from '../connection.ts'
import type { RealtimeContext } from '../context.ts'
import { userRoom } from '../rooms.ts'
import { emitToRoom, socketsIn } from '../wire/emit-to-room.ts'
import { encodeFrame } from '../wire/encode-frame.ts'
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
  'user.deleted': (ctx, { id }) => {
    closeSockets(ctx, socketsIn(ctx.io, userRoom(id)))
    ctx.presence.accountEnded(id)
  },
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
  const { user } = change
  emitAccount(ctx, [userRoom(user.id)], { type: 'user.updated', data: { user } })
  if (ctx.io.sockets.sockets.size === 0) return
  const tell = async () => {
    try {
      await tellOthers(ctx, user)
    } catch (error) {
      ctx.log.debug('Whom a profile concerns could not be looked up', { error })
    }
  }
  const told = (ctx.profiles.get(user.id) ?? Promise.resolve()).then(tell)
  ctx.profiles.set(user.id, told)
  void told.then(() => ctx.profiles.get(user.id) === told && ctx.profiles.delete(user.id))
}
