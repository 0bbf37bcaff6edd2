import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { createRefusals } from './bounds.ts'

const chunkOf = (token: string, { method = 'PATCH', url = '/v1/uploads/1' } = {}) =>
  Object.assign(new IncomingMessage(new Socket()), { method, url, headers: { authorization: token } })

function refused(request: IncomingMessage, retryAfter: string, statusCode = 429) {
  const response = new ServerResponse(request)
  response.setHeader('retry-after', retryAfter)
  return Object.assign(response, { statusCode })
}

test('whose chunk a service refused is refused until the time it named, and nobody else', () => {
  let now = 0
  const refusals = createRefusals(() => now)
  const [greedy, other] = ['Bearer of the greedy', 'Bearer of another'].map((token) => chunkOf(token))
  if (!greedy || !other) throw new Error('unreachable')
  expect(refusals.waitFor(greedy)).toBeNull()
  refusals.note(greedy, refused(greedy, '3'))
  now = 1_000
  expect(refusals.waitFor(greedy)).toBe(2_000)
  expect(refusals.waitFor(chunkOf('Bearer of the greedy', { url: '/v1/uploads/2' }))).toBe(2_000)
  expect(refusals.waitFor(other)).toBeNull()
  expect(refusals.waitFor(chunkOf('Bearer of the greedy', { method: 'HEAD' }))).toBeNull()
  expect(refusals.waitFor(chunkOf('Bearer of the greedy', { url: '/v1/messages/1' }))).toBeNull()
  now = 3_000
  expect(refusals.waitFor(greedy)).toBeNull()
})

test('another answer than a refusal keeps nobody away, and no refusal does for long', () => {
  const refusals = createRefusals(() => 0)
  const chunk = chunkOf('Bearer of somebody')
  refusals.note(chunk, refused(chunk, '3', 503))
  expect(refusals.waitFor(chunk)).toBeNull()
  refusals.note(chunk, refused(chunk, '3600'))
  expect(refusals.waitFor(chunk)).toBe(10_000)
})
