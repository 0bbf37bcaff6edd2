import type { ServerEventData } from '@finnigram/contracts'
import type { StreamEntry } from '@finnigram/service-kit'
import type { RealtimeContext } from '../context.ts'
import { userRoom } from '../rooms.ts'
import { type EmitOptions, emitToRooms } from '../wire/emit-to-room.ts'
import { encodeFrame } from '../wire/encode-frame.ts'

/** A fact for one person's own devices, as the messages service publishes it. */
interface AccountFact {
  userId: string
  type: string
  data: ServerEventData['account']['data']
}

export function tellAccount(ctx: RealtimeContext, { payload }: StreamEntry): void {
  const { userId, ...told } = JSON.parse(payload) as AccountFact
  emitAccount(ctx, [userRoom(userId)], told)
}

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
