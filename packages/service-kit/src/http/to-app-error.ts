import { AppError } from '../errors/app-error.ts'
import { isUnavailable } from '../errors.ts'

/** The one mapper from whatever was thrown to what a client may see. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) {
    return error.code === 'unavailable' && error.retryAfter === undefined
      ? new AppError('unavailable', { detail: error.detail, retryAfter: 1, cause: error })
      : error
  }
  if (error instanceof URIError) {
    return new AppError('validation_failed', {
      errors: [{ path: 'params', message: 'Is not a valid URL' }],
      cause: error,
    })
  }
  if (isUnavailable(error)) return new AppError('unavailable', { retryAfter: 1, cause: error })
  return new AppError('internal', { cause: error })
}
