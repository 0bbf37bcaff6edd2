import { type messagesApi, type NewMessage, NewMessageIn, type RouteBody } from '@finnigram/contracts'
import { type Actor, AppError, JsonText } from '@finnigram/service-kit'
import type { WithLimits, WithLog } from '../deps.ts'
import { sendLimit } from '../limits.ts'
import { consumeText, noteText } from '../text/consume-text.ts'
import type { NewSend, Sent } from './new-send.ts'
import type { WithSendBatcher } from './send-batcher.ts'
import { settleSends } from './settle-sends.ts'

/*
 * How a message is sent. The promise: a message that was acknowledged is committed, has its place
 * in the order of its conversation, and is stored once however often it is sent. The client chooses
 * the id; a retry with the same id gets the message stored first.
 *
 * 1. Accept (this file): the routes check and rate-limit each send. A send comes over REST, alone
 *    or in a batch, or from a realtime node that took it off a socket.
 * 2. Batch (`send-batcher.ts`, `send-queue.ts`): sends of the whole process are gathered into
 *    statements. A conversation is in one batch at a time, so the order of acceptance is kept.
 * 3. Resolve references (`resolve-references.ts`): replies, forwards, files and mentions of the
 *    batch are looked up, with one query for each kind.
 * 4. Store (`serialize-send.ts`, `store-sends.ts`): each send becomes JSON once. The database
 *    function `send_messages` (`sql/send-messages.sql`) gives `seq` and `version` under the locks
 *    of the conversations. It writes message, event and outbox entry in one transaction.
 * 5. Settle (`settle-sends.ts`): after the commit each caller gets the stored message or its
 *    problem, and the relay is woken to publish the outbox.
 *
 * What it never does: ask another service, acknowledge before the commit, leave a hole in `seq`, or
 * let one bad send of a batch fail the others. Past its bounds it refuses with `unavailable`
 * instead of queueing for ever.
 */

/**
 * Stores a message within the rate limits of its sender, whichever way it came. Throws
 * `rate_limited`, and what `SendBatcher.send` throws.
 */
async function acceptSend(ctx: WithLimits & WithSendBatcher, send: NewSend): Promise<Sent> {
  const { senderId, text, forwardOf } = send
  await ctx.limits.consume(sendLimit, senderId)
  await consumeText(ctx, senderId, { texts: [text] })
  const sent = await ctx.sends.send(send)
  // The size of a forwarded text is known only now.
  if (forwardOf !== undefined) await noteText(ctx, senderId, sent.message)
  return sent
}

/**
 * Sends one message. Throws `not_found`, `message_id_taken`, `rate_limited`, or
 * `validation_failed` for a reply to a message that is not there.
 */
export async function sendMessage(
  ctx: WithLimits & WithSendBatcher,
  actor: Actor,
  { requestId, ...message }: NewMessage & { conversationId: string; requestId: string },
) {
  const sent = await acceptSend(ctx, { ...message, senderId: actor.userId, requestId })
  return { status: sent.status, body: new JsonText(sent.message) }
}

/**
 * Sends the outbox of a device. Each message is validated, limited and stored by itself. The valid
 * ones keep their order.
 */
export function sendMessages(
  ctx: WithLimits & WithLog & WithSendBatcher,
  actor: Actor,
  { messages, requestId }: { messages: unknown[]; requestId: string },
): Promise<JsonText> {
  const sendOne = async (raw: unknown, place: number): Promise<Sent> => {
    const message = parseMessage(raw, place)
    return acceptSend(ctx, { ...message, senderId: actor.userId, requestId }).catch((error: unknown) => {
      throw withBatchPath(error, place)
    })
  }
  return settleSends(
    ctx,
    'items',
    messages.map((raw, place) => ({ sent: sendOne(raw, place), requestId })),
  )
}

type InternalSends = RouteBody<typeof messagesApi.internalSends>

/**
 * Sends what realtime nodes received over sockets. They have authenticated the senders, whose rate
 * limits are the same as over REST.
 */
export function sendInternally(
  ctx: WithLimits & WithLog & WithSendBatcher,
  { sends, requestId }: InternalSends & { requestId: string },
): Promise<JsonText> {
  const sendOne = (send: InternalSends['sends'][number]) =>
    acceptSend(ctx, { ...send, requestId: send.requestId ?? requestId })
  return settleSends(
    ctx,
    'results',
    sends.map((send) => ({ sent: sendOne(send), requestId: send.requestId ?? requestId })),
  )
}

function parseMessage(raw: unknown, place: number): NewMessageIn {
  const result = NewMessageIn.safeParse(raw)
  if (result.success) return result.data
  const errors = result.error.issues.map(({ path, message }) => ({
    path: ['body.messages', place, ...path].map(String).join('.'),
    message,
  }))
  throw new AppError('validation_failed', { errors })
}

/** An error of one message, with the paths of its fields in the batch. */
function withBatchPath(error: unknown, place: number): unknown {
  if (!(error instanceof AppError) || error.errors === undefined) return error
  const errors = error.errors.map(({ path, message }) => ({
    path: path.replace(/^body/, `body.messages.${place}`),
    message,
  }))
  return new AppError(error.code, { errors, cause: error })
}
