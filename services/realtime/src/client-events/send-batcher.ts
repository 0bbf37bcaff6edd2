import { messagesApi, type NewMessageIn, type SendResult } from '@finnigram/contracts'
import { AppError, createMicroBatch, type InternalClient, within } from '@finnigram/service-kit'

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

/** How long a send waits for its answer, the time in the queue included, in milliseconds. */
const patienceMs = 9000
/** Bytes of one call. A body over 256 KiB is refused, with all sends in it. */
const mostBytes = 240 * 1024
/**
 * Bytes that wait or are in flight. There are as many only while the messages service is slow or
 * down.
 */
const mostWaitingBytes = 64 * 1024 * 1024

/**
 * Batches sends for the messages service, in order within a conversation. Rejects with
 * `unavailable` when there is no answer in time; the client then retries the same id.
 */
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
    // If it is stored later, its event comes by the stream.
    result.catch(() => {})
    throw new AppError('unavailable', { retryAfter: 1 })
  }
}

/** Upper bound for ids and names. */
const envelopeBytes = 512
const attachmentIdBytes = 40

/** Upper bound of a send's JSON: a UTF-16 unit has at most three bytes in UTF-8, escaped or not. */
const bytesOf = ({ text = '', attachmentIds = [] }: Parameters<EnqueueSend>[0]) =>
  envelopeBytes + text.length * 3 + attachmentIds.length * attachmentIdBytes
