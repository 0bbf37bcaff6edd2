import type { ClientEvent, ClientEventData } from '@finnigram/contracts'
import { clientEvents } from '@finnigram/contracts'
import { AppError } from '@finnigram/service-kit'

/** More mistakes than this are not listed. */
const listed = 100

/** The data of a client's event, checked. Throws `validation_failed` with every mistake, at paths such as `data.seq`. */
export function checkData<E extends ClientEvent>(event: E, data: unknown): ClientEventData[E] {
  const result = clientEvents[event].data.safeParse(data)
  if (result.success) return result.data as ClientEventData[E]
  const errors = result.error.issues.slice(0, listed).map(({ path, message }) => ({
    path: ['data', ...path.map(String)].join('./'),
    message,
  }))
  throw new AppError('validation_failed', { errors })
}
