import { messagesApi, type NewMessageIn, type SendResult } from '@finnigram/contracts'
import type { InternalClient } from '@finnigram/service-kit'
import { createMicroBatch } from '../micro-batch.ts'

export type Send = (send: NewMessageIn & { senderId: string; requestId: string }) => Promise<SendResult>

/** Hands sends to the messages service, many in one call. Rejects with `unavailable` when that cannot be reached in time; the client then tries the same id again. */
export function createBatchSends(messages: InternalClient): Send {
  return createMicroBatch({
    maxSize: 100,
    maxInFlight: 3,
    keyOf: ({ conversationId }) => conversationId,
    run: async (sends) => {
      const { results } = await messages.call(messagesApi.internalSends, { body: { sends }, timeoutMs: 8000 })
      return results
    },
  })
}
