import type { ServerResponse } from 'node:http'
import { toProblem } from '@finnigram/contracts'
import type { AppError } from '../errors/app-error.ts'
import { requestIdOf } from './request-id.ts'

/** Writes a complete reply; does nothing when one was begun already (the caller left, or time ran out). */
export function answer(
  response: ServerResponse,
  status: number,
  { type, text }: { type: string; text: string } | { type?: undefined; text?: undefined } = {},
): void {
  if (response.headersSent || response.destroyed) return
  response.statusCode = status
  if (text === undefined) {
    response.end()
    return
  }
  response.setHeader('content-type', type)
  response.setHeader('content-length', Buffer.byteLength(text))
  response.end(text)
}

export function answerJson(response: ServerResponse, status: number, text: string): void {
  answer(response, status, { type: 'application/json; charset=utf-8', text })
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
