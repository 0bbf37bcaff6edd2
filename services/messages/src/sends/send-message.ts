import type { NewMessage } from '@finnigram/contracts'
import { type Actor, JsonText } from '@finnigram/service-kit'
import type { MessagesContext } from '../context.ts'
import { acceptSend } from './accept-send.ts'

/** Sends one message. Throws `not_found`, `message_id_taken`, `rate_limited`, or `validation_failed` for an answer to what is not there. */
export async function sendMessage(
  ctx: MessagesContext,
  actor: Actor,
  { requestId, ...message }: NewMessage & { conversationId: string; requestId: string },
) {
  const sent = await acceptSend(ctx, { ...message, senderId: actor.userId, requestId })
  return { status: sent.status, body: new JsonText(sent.message) }
}
