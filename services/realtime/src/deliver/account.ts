import type { ServerEventData } from '@finnigram/contracts'
import type { StreamEntry } from '@finnigram/service-kit'
import type { RealtimeContext } from '../context.ts'
import { userRoom } from '../rooms.ts'

/** A fact for one person's own devices, as the messages service publishes it. */
interface AccountFact {
  userId: string
  type: string
  data: ServerEventData['account']['data']
}

export function tellAccount({ io }: RealtimeContext, { payload }: StreamEntry): void {
  const { userId, type, data } = JSON.parse(payload) as AccountFact
  io.to(userRoom(userId)).emit('account', { type, data })
}
