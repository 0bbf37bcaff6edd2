import { AccountFact, accountData, type ServerEventData } from '@finnigram/contracts'
import type { StreamEntry } from '@finnigram/service-kit'
import type { RealtimeContext } from '../context.ts'
import { userRoom } from '../wire/rooms.ts'
import { type EmitOptions, emitToRooms } from '../wire/emit-to-room.ts'
import { encodeFrame } from '../wire/frame.ts'
import { readPayload } from './read-payload.ts'

/** Passes a fact on to one person's own devices, as it is; they leave out what they do not know. */
export function tellAccount(ctx: RealtimeContext, { payload }: StreamEntry): void {
  const { userId, type, data } = readPayload(AccountFact, payload)
  if (isKnown(type)) accountData[type].parse(data)
  emitAccount(ctx, [userRoom(userId)], { type, data })
}

const isKnown = (type: string): type is keyof typeof accountData => Object.hasOwn(accountData, type)

/** To all sockets in these rooms, or only to some of them, one frame each; answers how many. */
export function emitAccount(
  { io, figures }: Pick<RealtimeContext, 'io' | 'figures'>,
  rooms: readonly string[],
  { type, data }: ServerEventData['account'],
  options: Pick<EmitOptions, 'onlyTo'> = {},
): number {
  const frame = encodeFrame('account', JSON.stringify({ type, data }))
  const sent = emitToRooms(io, rooms, frame, options)
  figures.frames.inc({ event: 'account' }, sent)
  return sent
}
