import type { ServerResponse } from 'node:http'
import { toProblem } from '@finnigram/contracts'
import type { AppError } from '../errors/app-error.ts'
import { requestIdOf } from './request-id.ts'

/**
 * A text from this many characters is made bytes once: counted first and encoded then it would be
 * read twice.
 */
const longText = 16 * 1024

/**
 * Writes a complete reply, and returns its bytes; does nothing when one was begun already (the
 * caller left, or time ran out).
 */
export function answer(
  response: ServerResponse,
  status: number,
  { type, text }: { type: string; text: string } | { type?: undefined; text?: undefined } = {},
): number {
  if (response.headersSent || response.destroyed) return 0
  response.statusCode = status
  if (text === undefined) {
    response.end()
    return 0
  }
  const body = text.length < longText ? text : Buffer.from(text)
  const length = Buffer.byteLength(body)
  response.setHeader('content-type', type)
  response.setHeader('content-length', length)
  response.end(body)
  return length
}

export function answerJson(response: ServerResponse, status: number, text: string): number {
  return answer(response, status, { type: 'application/json; charset=utf-8', text })
}

/** Answers with problem details (RFC 9457). */
export function answerProblem(response: ServerResponse, error: AppError): void {
  const { code, detail, errors, retryAfter } = error
  const problem = toProblem(code, { requestId: requestIdOf(response), detail, errors })
  if (response.headersSent) return
  if (retryAfter !== undefined) response.setHeader('retry-after', String(Math.max(1, Math.ceil(retryAfter))))
  // Nothing else can be asked over a connection that is in the middle of a body (RFC 9110, 15.5.9).
  if (code === 'request_timeout') response.setHeader('connection', 'close')
  if (code === 'unauthenticated' || code === 'token_expired') response.setHeader('www-authenticate', 'Bearer')
  answer(response, problem.status, { type: 'application/problem+json', text: JSON.stringify(problem) })
}
