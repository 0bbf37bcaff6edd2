import type { ErrorCode, FieldError } from '@finnigram/contracts'

export interface AppErrorOptions {
  /** A sentence for the client; leave it out where the code says enough. */
  detail?: string | undefined
  /** Every mistake of the request, with paths such as `body.title`. */
  errors?: FieldError[] | undefined
  /** Seconds after which trying again makes sense. */
  retryAfter?: number | undefined
  cause?: unknown
}

/** An error a client may see, named by a code of the contract. Its cause is logged where it matters, never sent. */
export class AppError extends Error {
  override readonly name = 'AppError'
  readonly code: ErrorCode
  readonly detail: string | undefined
  readonly errors: FieldError[] | undefined
  readonly retryAfter: number | undefined

  constructor(code: ErrorCode, { detail, errors, retryAfter, cause }: AppErrorOptions = {}) {
    super(detail ?? code, cause === undefined ? undefined : { cause })
    this.code = code
    this.detail = detail
    this.errors = errors
    this.retryAfter = retryAfter
  }
}
