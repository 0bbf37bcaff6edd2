import { messagesApi, type NewMessageIn, type SendResult } from '@finnigram/contracts'
import { AppError, type InternalClient, within } from '@finnigram/service-kit'
import { createMicroBatch } from '../micro-batch.ts'

export type EnqueueSend = (
  send: NewMessageIn & { senderId: string; requestId: string },
) => Promise<SendResult>

export interface WithSendBatcher {
  readonly enqueueSend: EnqueueSend
}

interface Waiting {
  send: Parameters<EnqueueSend>[0]
  isGivenUp: boolean
}

/** Longest a send waits for its answer, its place in the queue included. */
const patienceMs = 9000
/** Bytes of one call. A body may have 256 KiB, and one that is larger is refused with everyone's sends in it. */
const mostBytes = 240 * 1024
/** Bytes that may wait or be under way; more than that only while the messages service is slow or away. */
const mostWaitingBytes = 64 * 1024 * 1024

/** Hands sends to the messages service, many in one call, those of one conversation in their order. Rejects with `unavailable` when there is no answer in time; the client then tries the same id again. */
export function createSendBatcher(messages: InternalClient): EnqueueSend {
  let waitingBytes = 0
  const submit = createMicroBatch<Waiting, SendResult>({
    maxSize: 100,
    weight: { of: ({ send }) => bytesOf(send), most: mostBytes },
    maxInFlight: 3,
    keyOf: ({ send }) => send.conversationId,
    isGivenUp: ({ isGivenUp }) => isGivenUp,
    run: async (waiting) => {
      const sends = waiting.map(({ send }) => send)
      const { results } = await messages.call(messagesApi.internalSends, { body: { sends }, timeoutMs: 8000 })
      return results
    },
  })
  return async (send) => {
    const bytes = bytesOf(send)
    if (waitingBytes + bytes > mostWaitingBytes) throw new AppError('unavailable', { retryAfter: 1 })
    waitingBytes += bytes
    const waiting: Waiting = { send, isGivenUp: false }
    const result = submit(waiting).finally(() => {
      waitingBytes -= bytes
    })
    if (await within(patienceMs, result)) return result
    waiting.isGivenUp = true
    // What comes of it later is told by the stream.
    result.catch(() => {})
    throw new AppError('unavailable', { retryAfter: 1 })
  }
}

/** Of ids and names, more than there can be. */
const envelopeBytes = 512
const attachmentIdBytes = 40

/** Never less than a send has as JSON: three bytes hold a UTF-16 unit in UTF-8, escaped or not, of any text that may be sent. */
const bytesOf = ({ text = '', attachmentIds = [] }: Parameters<EnqueueSend>[0]) =>
  envelopeBytes + text.length * 3 + attachmentIds.length * attachmentIdBytes
