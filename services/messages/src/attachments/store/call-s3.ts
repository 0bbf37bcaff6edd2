import { AppError, isUnavailable } from '@finnigram/service-kit'

/** What a call to a bucket brings. Throws `unavailable` when whoever keeps it is away, overloaded or silent; what is refused for good stays what it is. */
export async function callS3<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (cause) {
    if (isPassing(cause))
      throw new AppError('unavailable', { detail: 'Files cannot be reached right now', cause })
    throw cause
  }
}

function isPassing(error: unknown): boolean {
  if (isUnavailable(error)) return true
  if (!(error instanceof Error)) return false
  return error.name === 'TimeoutError' || ('$fault' in error && error.$fault === 'server')
}
