import { type ErrorCode, type FieldError, type Problem, toProblem } from '@finnigram/contracts'

/** The server refused: RFC 9457 problem details, with `code` to switch on and one entry in `errors` per wrong field. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem'
  readonly problem: Problem
  /** How long the server asks to wait before the next try, if it says so. */
  readonly retryAfterMs: number | null

  constructor(problem: Problem, retryAfterMs: number | null = null) {
    super(problem.detail ?? problem.title)
    this.problem = problem
    this.retryAfterMs = retryAfterMs
  }

  get code(): ErrorCode {
    return this.problem.code
  }

  get status(): number {
    return this.problem.status
  }

  get errors(): FieldError[] {
    return this.problem.errors ?? []
  }

  get requestId(): string {
    return this.problem.requestId
  }
}

export type NetworkReason = 'unreachable' | 'timeout' | 'aborted'

/** No answer came: whether the server did the work is not known. */
export class NetworkProblem extends Error {
  override readonly name = 'NetworkProblem'
  readonly reason: NetworkReason

  constructor(reason: NetworkReason, cause?: unknown) {
    super(`The server could not be asked: ${reason}`, { cause })
    this.reason = reason
  }
}

/** A problem made on this device, in the shape the server uses. */
export function localProblem(code: ErrorCode, detail?: string): ApiProblem {
  return new ApiProblem(toProblem(code, { requestId: 'local', detail }))
}

const worthAnotherTry = new Set([401, 408, 425, 429])

/** True when the same request can never succeed: a client error that neither waiting nor signing in again changes. */
export function isRefusal(error: unknown): error is ApiProblem {
  return (
    error instanceof ApiProblem &&
    error.status >= 400 &&
    error.status < 500 &&
    !worthAnotherTry.has(error.status)
  )
}
