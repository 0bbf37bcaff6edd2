import type { ClientEvent, ClientEventAck, ClientEventData } from '@finnigram/contracts'
import type { RealtimeSocket } from '../connection.ts'
import type { RealtimeContext } from '../context.ts'
import { authorise } from './authorise.ts'
import { moveMarker } from './move-marker.ts'
import { sendMessage } from './send-message.ts'
import { startTyping } from './start-typing.ts'
import { watchPeople } from './watch-people.ts'

/** Who asks. */
export interface Asked {
  socket: RealtimeSocket
  requestId: string
}

export type Answers = {
  [E in ClientEvent]: (
    ctx: RealtimeContext,
    asked: Asked,
    data: ClientEventData[E],
  ) => ClientEventAck[E] | Promise<ClientEventAck[E]>
}

/** How each event of a client is answered; what is thrown becomes a refusal. */
export const answers: Answers = {
  authorise,
  send: sendMessage,
  typing: startTyping,
  read: (ctx, asked, data) => moveMarker(ctx, asked, { ...data, kind: 'read' }),
  delivered: (ctx, asked, data) => moveMarker(ctx, asked, { ...data, kind: 'delivered' }),
  watch: watchPeople,
  unwatch: ({ presence }, { socket }, { userIds }) => {
    presence.unwatch(socket, userIds)
    return {}
  },
  away: ({ presence }, { socket }) => {
    presence.setAway(socket, true)
    return {}
  },
  back: ({ presence }, { socket }) => {
    presence.setAway(socket, false)
    return {}
  },
}

export const isClientEvent = (event: unknown): event is ClientEvent =>
  typeof event === 'string' && Object.hasOwn(answers, event)
