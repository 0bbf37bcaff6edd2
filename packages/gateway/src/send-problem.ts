import type { ServerResponse } from 'node:http'
import { type ErrorCode, toProblem } from '@finnigram/contracts'

/** Answers with problem+json, unless an answer has already begun: then the connection is cut, so that half of one is not taken for whole. */
export function sendProblem(
  response: ServerResponse,
  code: ErrorCode,
  requestId: string,
  retryAfterMs = 1_000,
): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  const problem = toProblem(code, { requestId })
  const body = JSON.stringify(problem)
  response.writeHead(problem.status, {
    'content-type': 'application/problem+json',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-request-id': requestId,
    ...(code === 'unavailable' || code === 'rate_limited'
      ? { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1_000))) }
      : {}),
  })
  response.end(body)
}
