import type { ErrorCode } from '@finnigram/contracts'
import { AppError } from '@finnigram/service-kit'

/** Our word for each of tus's statuses. */
const codes: Readonly<Record<number, ErrorCode>> = {
  400: 'validation_failed',
  403: 'validation_failed',
  404: 'not_found',
  409: 'conflict',
  410: 'gone',
  412: 'validation_failed',
  413: 'payload_too_large',
  415: 'unsupported_media_type',
  501: 'validation_failed',
}

/** What tus's server throws or answers, in the words of our API; what it does not know itself stays what it is. */
export function toTusError(error: unknown): unknown {
  if (error instanceof AppError || !isOfTus(error)) return error
  const { status_code: status, body } = error
  const detail = body.trim()
  if (/content-type/i.test(detail)) {
    return new AppError('unsupported_media_type', { detail: 'Chunks are application/offset+octet-stream' })
  }
  const code = codes[status]
  if (code === undefined) return new Error(`tus answered ${status}: ${detail}`, { cause: error })
  return code === 'validation_failed'
    ? new AppError(code, { errors: [{ path: `headers.${headerIn(detail)}`, message: detail }] })
    : new AppError(code, { detail })
}

const isOfTus = (error: unknown): error is { status_code: number; body: string } =>
  typeof error === 'object' &&
  error !== null &&
  'status_code' in error &&
  typeof error.status_code === 'number' &&
  'body' in error &&
  typeof error.body === 'string'

const headerIn = (detail: string): string =>
  /(tus|upload)-[a-z-]+/i.exec(detail)?.[0].toLowerCase() ??
  (/concat/i.test(detail) ? 'upload-concat' : 'upload-length')
