import { expect } from 'vitest'
import type { Attack } from './attack.ts'
import { statusesOf } from './statuses-of.ts'
import type { Target } from './target.ts'

const hidden = 'GET /v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n'
const framed = (headers: string, body: string) =>
  `POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${headers}\r\n\r\n${body}`

/** Two readers that disagree on where such a request ends. */
const smuggled: Record<string, string> = {
  'both a length and chunks': framed('Content-Length: 4\r\nTransfer-Encoding: chunked', `0\r\n\r\n${hidden}`),
  'chunks and a length': framed('Transfer-Encoding: chunked\r\nContent-Length: 4', `0\r\n\r\n${hidden}`),
  'two lengths': framed(`Content-Length: 0\r\nContent-Length: ${hidden.length}`, hidden),
  'two lengths in one': framed(`Content-Length: 0, ${hidden.length}`, hidden),
  'a signed length': framed('Content-Length: +0', hidden),
  'a negative length': framed('Content-Length: -1', hidden),
  'a length in hex': framed('Content-Length: 0x0', hidden),
  'an unknown coding': framed('Transfer-Encoding: xchunked', `0\r\n\r\n${hidden}`),
  'two codings': framed('Transfer-Encoding: chunked, identity', `0\r\n\r\n${hidden}`),
  'chunks not last': framed('Transfer-Encoding: identity\r\nTransfer-Encoding: x', `0\r\n\r\n${hidden}`),
  'a blank before the colon': framed('Transfer-Encoding : chunked', `0\r\n\r\n${hidden}`),
  'a folded header': framed('X-A: b\r\n Transfer-Encoding: chunked', `0\r\n\r\n${hidden}`),
  'a header that ends in a bare CR': framed('X-A: b\rTransfer-Encoding: chunked', `0\r\n\r\n${hidden}`),
  'a bad size of a chunk': framed('Transfer-Encoding: chunked', `-1\r\n\r\n${hidden}`),
  'a chunk longer than any': framed('Transfer-Encoding: chunked', `fffffffffffffffff\r\n\r\n${hidden}`),
}

/** Requests that end where only one of two readers thinks they do. */
export const smugglingAttacks: Attack[] = Object.entries(smuggled).map(([shape, bytes]) => ({
  holds: `a request with ${shape} hides no second one`,
  reference: 'ASVS 4.2.1, RFC 9112 11.2',
  async run(target: Target) {
    const statuses = await statusesOf(target, bytes)
    expect(statuses.length).toBeLessThanOrEqual(1)
    expect(statuses[0] ?? 400).toBe(400)
  },
}))
