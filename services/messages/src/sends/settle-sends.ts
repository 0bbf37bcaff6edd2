import { toProblem } from '@finnigram/contracts'
import { AppError, isUnavailable, JsonText } from '@finnigram/service-kit'
import type { WithLog } from '../deps.ts'
import type { Sent } from './new-send.ts'

/** A send in flight, and the request that gets its result. */
export interface PendingSend {
  sent: Promise<Sent>
  requestId: string
}

/**
 * Waits for every send and returns one `SendResult` for each, in order, as JSON under `name`. The
 * JSON of stored messages is used as it was written.
 */
export async function settleSends(
  { log }: WithLog,
  name: 'items' | 'results',
  pending: readonly PendingSend[],
): Promise<JsonText> {
  const results = await Promise.all(
    pending.map(async ({ sent, requestId }) => {
      try {
        const { status, message } = await sent
        return `{"status":${status},"message":${message}}`
      } catch (error) {
        const { code, detail, errors, cause } = toAppError(error)
        if (code === 'internal') log.error('A send failed', { error: cause, requestId })
        const problem = toProblem(code, { requestId, detail, errors })
        return JSON.stringify({ status: problem.status, error: problem })
      }
    }),
  )
  return new JsonText(`{"${name}":[${results.join(',')}]}`)
}

function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error
  return new AppError(isUnavailable(error) ? 'unavailable' : 'internal', { cause: error })
}
