import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { createUploadThrottle } from './bounds.ts'

const chunkOf = (token: string, { method = 'PATCH', url = '/v1/uploads/1' } = {}) =>
  Object.assign(new IncomingMessage(new Socket()), { method, url, headers: { authorization: token } })

function refused(request: IncomingMessage, retryAfter: string, statusCode = 429) {
  const response = new ServerResponse(request)
  response.setHeader('retry-after', retryAfter)
  return Object.assign(response, { statusCode })
}

test('after a 429 a person’s chunks are refused until its Retry-After, and no one else’s', () => {
  let now = 0
  const uploadThrottle = createUploadThrottle(() => now)
  const [greedy, other] = ['Bearer of the greedy', 'Bearer of another'].map((token) => chunkOf(token))
  if (!greedy || !other) throw new Error('unreachable')
  expect(uploadThrottle.retryAfterMs(greedy)).toBeNull()
  uploadThrottle.record(greedy, refused(greedy, '3'))
  now = 1_000
  expect(uploadThrottle.retryAfterMs(greedy)).toBe(2_000)
  expect(uploadThrottle.retryAfterMs(chunkOf('Bearer of the greedy', { url: '/v1/uploads/2' }))).toBe(2_000)
  expect(uploadThrottle.retryAfterMs(other)).toBeNull()
  expect(uploadThrottle.retryAfterMs(chunkOf('Bearer of the greedy', { method: 'HEAD' }))).toBeNull()
  expect(uploadThrottle.retryAfterMs(chunkOf('Bearer of the greedy', { url: '/v1/messages/1' }))).toBeNull()
  now = 3_000
  expect(uploadThrottle.retryAfterMs(greedy)).toBeNull()
})

test('only a 429 throttles, and never for long', () => {
  const uploadThrottle = createUploadThrottle(() => 0)
  const chunk = chunkOf('Bearer of somebody')
  uploadThrottle.record(chunk, refused(chunk, '3', 503))
  expect(uploadThrottle.retryAfterMs(chunk)).toBeNull()
  uploadThrottle.record(chunk, refused(chunk, '3600'))
  expect(uploadThrottle.retryAfterMs(chunk)).toBe(10_000)
})
