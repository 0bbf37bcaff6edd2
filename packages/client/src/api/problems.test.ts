import { AxiosError, AxiosHeaders } from 'axios'
import { expect, test } from 'vitest'
import { ApiProblem, isRefusal, localProblem, NetworkProblem, toProblemError } from './problems.ts'

const config = { headers: new AxiosHeaders() }

function answered(status: number, data: unknown, headers: Record<string, string> = {}): unknown {
  const response = { status, data, headers, statusText: '', config }
  return toProblemError(new AxiosError('no', 'ERR_BAD_REQUEST', config, {}, response))
}

test('a problem of the server keeps its code, fields and request id', () => {
  const problem = {
    ...localProblem('validation_failed').problem,
    requestId: 'r1',
    errors: [{ path: 'body.text', message: 'Must not be empty' }],
  }
  expect(answered(400, problem)).toMatchObject({
    code: 'validation_failed',
    status: 400,
    requestId: 'r1',
    errors: problem.errors,
  })
})

test('the error page of a proxy becomes the problem of its status', () => {
  const page = '<html>Bad gateway</html>'
  expect(answered(502, page, { 'x-request-id': 'r2' })).toMatchObject({
    code: 'unavailable',
    requestId: 'r2',
  })
  expect([500, 404, 413, 418, 429].map((status) => answered(status, page))).toMatchObject([
    { code: 'internal' },
    { code: 'not_found' },
    { code: 'payload_too_large' },
    { code: 'validation_failed' },
    { code: 'rate_limited' },
  ])
})

test('Retry-After is read as seconds and as a date', () => {
  expect(answered(503, '', { 'retry-after': '2' })).toMatchObject({ retryAfterMs: 2000 })
  expect(answered(503, '', { 'retry-after': new Date(Date.now() - 1000).toUTCString() })).toMatchObject({
    retryAfterMs: 0,
  })
  expect(answered(503, '', { 'retry-after': 'soon' })).toMatchObject({ retryAfterMs: null })
})

test('no answer is a network problem, with its reason', () => {
  const reasons = ['ERR_CANCELED', 'ECONNABORTED', 'ETIMEDOUT', 'ERR_NETWORK'].map((code) =>
    toProblemError(new AxiosError('no', code)),
  )
  expect(reasons.map((error) => error instanceof NetworkProblem && error.reason)).toEqual([
    'aborted',
    'timeout',
    'timeout',
    'unreachable',
  ])
  const other = new TypeError('a mistake of ours')
  expect(toProblemError(other)).toBe(other)
})

test('only what can never succeed is a refusal', () => {
  const codes = [
    'validation_failed',
    'forbidden',
    'not_found',
    'message_id_taken',
    'gone',
    'payload_too_large',
  ] as const
  expect(codes.map((code) => isRefusal(localProblem(code)))).toEqual(codes.map(() => true))
  const passing = ['unauthenticated', 'token_expired', 'rate_limited', 'internal', 'unavailable'] as const
  expect(passing.map((code) => isRefusal(localProblem(code)))).toEqual(passing.map(() => false))
  expect(isRefusal(new NetworkProblem('timeout'))).toBe(false)
  expect(isRefusal(new ApiProblem(localProblem('conflict').problem))).toBe(true)
})
