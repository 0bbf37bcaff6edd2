import { messagesApi, type NewMessageIn, type SendResult } from '@finnigram/contracts'
import { AppError, type InternalClient, within } from '@finnigram/service-kit'
import { createMicroBatch } from '../micro-batch.ts'

export type Send = (send: NewMessageIn & { senderId: string; requestId: string }) => Promise<SendResult>

/** Longest a send waits for its answer, its place in the queue included. */
const patienceMs = 9000

/** Hands sends to the messages service, many in one call, those of one conversation in their order. Rejects with `unavailable` when there is no answer in time; the client then tries the same id again. */
export function createBatchSends(messages: InternalClient): Send {
  const submit = createMicroBatch<Parameters<Send>[0], SendResult>({
    maxSize: 100,
    maxInFlight: 3,
    keyOf: ({ conversationId }) => conversationId,
    run: async (sends) => {
      const { results } = await messages.call(messagesApi.internalSends, { body: { sends }, timeoutMs: 8000 })
      return results
    },
  })
  return async (send) => {
    const result = submit(send)
    if (await within(patienceMs, result)) return result
    // What comes of it later is told by the stream.
    result.catch(() => {})
    throw new AppError('unavailable', { retryAfter: 1 })
  }
}
