import { type ErrorCode, type FieldError, type Problem, toProblem } from '@finnigram/contracts'
import { type AxiosError, isAxiosError } from 'axios'

/**
 * The server refused: RFC 9457 problem details, with `code` to switch on and one entry in `errors`
 * per wrong field.
 */
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

/** No answer came. It is unknown whether the server did the work. */
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

/**
 * True when the same request can never succeed: a client error that neither waiting nor signing in
 * again changes.
 */
export function isRefusal(error: unknown): error is ApiProblem {
  return (
    error instanceof ApiProblem &&
    error.status >= 400 &&
    error.status < 500 &&
    !worthAnotherTry.has(error.status)
  )
}

/** Turns what Axios threw into one of the two errors of this package. */
export function toProblemError(error: unknown): unknown {
  if (!isAxiosError(error)) return error
  if (!error.response) return new NetworkProblem(reasonOf(error), error)
  const { data, status, headers } = error.response
  const requestId = String(headers['x-request-id'] ?? '')
  return new ApiProblem(
    isProblem(data) ? data : unnamedProblem(status, requestId),
    retryAfterMs(headers['retry-after']),
  )
}

function reasonOf(error: AxiosError) {
  if (error.code === 'ERR_CANCELED') return 'aborted'
  return error.code === 'ECONNABORTED' || error.code === 'ETIMEDOUT' ? 'timeout' : 'unreachable'
}

function isProblem(data: unknown): data is Problem {
  return typeof data === 'object' && data !== null && 'code' in data && 'status' in data && 'title' in data
}

/** An error page of a proxy between client and service. */
function unnamedProblem(status: number, requestId: string): Problem {
  return { type: 'about:blank', title: `HTTP ${status}`, status, code: codeOfStatus(status), requestId }
}

const codesByStatus: Partial<Record<number, ErrorCode>> = {
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  408: 'request_timeout',
  413: 'payload_too_large',
  429: 'rate_limited',
  502: 'unavailable',
  503: 'unavailable',
  504: 'unavailable',
}

function codeOfStatus(status: number): ErrorCode {
  return codesByStatus[status] ?? (status < 500 ? 'validation_failed' : 'internal')
}

/** `Retry-After` in milliseconds; seconds and HTTP dates both occur (RFC 9110). */
function retryAfterMs(header: unknown, now = Date.now()): number | null {
  if (typeof header !== 'string' && typeof header !== 'number') return null
  const seconds = Number(header)
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000)
  const date = Date.parse(String(header))
  return Number.isNaN(date) ? null : Math.max(0, date - now)
}
