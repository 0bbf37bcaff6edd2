import type { ClientEventData, Fleeting } from '@finnigram/contracts'
import { fleetingChannel, typingLastsMs } from '@finnigram/contracts'
import { AppError, publishFleeting } from '@finnigram/service-kit'
import type { RealtimeContext } from '../context.ts'
import { conversationRoom } from '../wire/rooms.ts'
import type { Asked } from './handlers.ts'

/** Saying it again within this time tells nobody anything new. */
const renewAfterMs = typingLastsMs / 3

/** Tells the others of a conversation that someone is writing, or no longer is. It ends by itself on their side. */
export function startTyping(
  { redis }: RealtimeContext,
  { socket }: Asked,
  { conversationId, active }: ClientEventData['typing'],
): Record<string, never> {
  const { data } = socket
  if (!socket.rooms.has(conversationRoom(conversationId))) {
    throw new AppError(data.joining ? 'unavailable' : 'not_found')
  }
  const now = performance.now()
  const isKnown = data.typingIn === conversationId && now - data.typingAt < renewAfterMs
  const changes = active ? !isKnown : data.typingIn === conversationId
  if (!changes) return {}
  data.typingIn = active ? conversationId : ''
  data.typingAt = now
  const notice: Fleeting = { t: 'typing', data: { conversationId, userId: data.userId, active } }
  publishFleeting(redis, fleetingChannel, JSON.stringify(notice))
  return {}
}
