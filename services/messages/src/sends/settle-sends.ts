import { toProblem } from '@finnigram/contracts'
import { AppError, isUnavailable, JsonText } from '@finnigram/service-kit'
import type { MessagesContext } from '../context.ts'
import type { Sent } from './new-send.ts'

/** A send under way, and the request it is told to. */
export interface PendingSend {
  sent: Promise<Sent>
  requestId: string
}

/** Waits for every send and answers with one `SendResult` each, in order, as JSON under `name`. Stored messages are passed on as they were written. */
export async function settleSends(
  { log }: Pick<MessagesContext, 'log'>,
  name: 'items' | 'results',
  pending: readonly PendingSend[],
): Promise<JsonText> {
  const results = await Promise.all(
    pending.map(async ({ sent, requestId }) => {
      try {
        const { status, message } = await sent
        return `{"status":${status},"message":${message}}`
      } catch (error) {
        const { code, detail, errors, cause } = toKnown(error)
        if (code === 'internal') log.error('A send failed', { error: cause, requestId })
        const problem = toProblem(code, { requestId, detail, errors })
        return JSON.stringify({ status: problem.status, error: problem })
      }
    }),
  )
  return new JsonText(`{"${name}":[${results.join(',')}]}`)
}

function toKnown(error: unknown): AppError {
  if (error instanceof AppError) return error
  return new AppError(isUnavailable(error) ? 'unavailable' : 'internal', { cause: error })
}
