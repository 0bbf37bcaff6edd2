import { NewMessageIn } from '@finnigram/contracts'
import { type Actor, AppError, type JsonText } from '@finnigram/service-kit'
import type { MessagesContext } from '../context.ts'
import { acceptSend } from './accept-send.ts'
import type { Sent } from './new-send.ts'
import { settleSends } from './settle-sends.ts'

/** Sends a device's queue. Each message is checked, limited and stored for itself; the good ones keep their order. */
export function sendMessages(
  ctx: MessagesContext,
  actor: Actor,
  { messages, requestId }: { messages: unknown[]; requestId: string },
): Promise<JsonText> {
  const sendOne = async (raw: unknown, place: number): Promise<Sent> => {
    const message = check(raw, place)
    return acceptSend(ctx, { ...message, senderId: actor.userId, requestId }).catch((error: unknown) => {
      throw inPlace(error, place)
    })
  }
  return settleSends(
    ctx,
    'items',
    messages.map((raw, place) => ({ sent: sendOne(raw, place), requestId })),
  )
}

function check(raw: unknown, place: number): NewMessageIn {
  const result = NewMessageIn.safeParse(raw)
  if (result.success) return result.data
  const errors = result.error.issues.map(({ path, message }) => ({
    path: ['body.messages', place, ...path].map(String).join('.'),
    message,
  }))
  throw new AppError('validation_failed', { errors })
}

/** A mistake of one message, at its path in the batch. */
function inPlace(error: unknown, place: number): unknown {
  if (!(error instanceof AppError) || error.errors === undefined) return error
  const errors = error.errors.map(({ path, message }) => ({
    path: path.replace(/^body/, `body.messages.${place}`),
    message,
  }))
  return new AppError(error.code, { errors, cause: error })
}
