import type { ErrorCode, Problem } from '@finnigram/contracts'
import { type AxiosError, isAxiosError } from 'axios'
import { ApiProblem, NetworkProblem } from './problems.ts'

/** What Axios threw, as one of the two errors that this package throws. */
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

/** An error page of something between us and the service. */
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
