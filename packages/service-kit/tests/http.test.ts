import { defineRoute } from '@finnigram/contracts'
import { expectLog, logLines } from '@finnigram/testing'
import { expect, test } from 'vitest'
import { AppError, JsonText, reply, route } from '../src/index.ts'
import { internalToken, serve } from './serve.ts'
import { getText, id, put, putThing } from './thing-routes.ts'

test('a valid request reaches the handler, and its reply the client', async () => {
  await using server = await serve([put])
  const reply = await server.call('POST', `/v1/things/${id}?limit=7&other=1`, {
    body: { title: 'A', tags: [], extra: 1 },
  })
  expect(reply.status).toBe(201)
  expect(reply.json).toEqual({ title: 'A', limit: 7 })
  expect(reply.headers.get('content-type')).toBe('application/json; charset=utf-8')
  expect(reply.headers.get('x-content-type-options')).toBe('nosniff')
  expect(reply.headers.get('cache-control')).toBe('no-store')
  expect(reply.headers.get('x-powered-by')).toBeNull()
})

test('all mistakes of parameters, query and body are reported at once, with their paths', async () => {
  await using server = await serve([put])
  const reply = await server.call('POST', '/v1/things/nope?limit=1000', {
    body: { title: '', tags: ['a', 2] },
  })
  expect(reply.status).toBe(400)
  expect(reply.headers.get('content-type')).toBe('application/problem+json')
  expect(reply.json.code).toBe('validation_failed')
  expect(reply.json.requestId).toBe(reply.headers.get('x-request-id'))
  expect(reply.json.errors.map(({ path }: { path: string }) => path)).toEqual([
    'params.thingId',
    'query.limit',
    'body.title',
    'body.tags.1',
  ])
})

test('a number in a query is written in digits: nothing, blanks and other spellings are mistakes', async () => {
  await using server = await serve([put])
  const ask = (query: string) =>
    server.call('POST', `/v1/things/${id}${query}`, { body: { title: 'A', tags: [] } })
  for (const value of ['', '%20', '%207', '0x10', '1e1', '+7', '7.', 'Infinity', '7&limit=8', '&limit=']) {
    const reply = await ask(`?limit=${value}`)
    expect([value, reply.status, reply.json.errors?.[0]?.path]).toEqual([value, 400, 'query.limit'])
  }
  for (const [query, limit] of [
    ['', 50],
    ['?limit=007', 7],
    ['?limit=-7', -7],
  ])
    expect((await ask(String(query))).json).toEqual({ title: 'A', limit })
})

test('a body that is not JSON, not UTF-8, missing, or of another type is refused', async () => {
  await using server = await serve([put])
  const send = (body: string | Uint8Array<ArrayBuffer> | null, type?: string) =>
    fetch(`${server.http.url}/v1/things/${id}`, {
      method: 'POST',
      body,
      headers: type ? { 'content-type': type } : {},
    })
  expect((await send('{"title":', 'application/json')).status).toBe(400)
  expect((await send(new Uint8Array([0x22, 0xff, 0x22]), 'application/json')).status).toBe(400)
  expect((await send(null)).status).toBe(400)
  expect((await send('{}', 'text/plain')).status).toBe(415)
  expect((await send('title=a', 'application/x-www-form-urlencoded')).status).toBe(415)
  expect((await send('{"title":"a","tags":[]}', 'application/json; charset=utf-8')).status).toBe(201)
})

test('a body over 256 KiB answers 413, however it is sent, and the connection stays usable', async () => {
  await using server = await serve([put])
  const reply = await server.call('POST', `/v1/things/${id}`, {
    body: { title: 'x'.repeat(300_000), tags: [] },
  })
  expect(reply.status).toBe(413)
  expect(reply.json.code).toBe('payload_too_large')
  const chunks = Array.from({ length: 40 }, () => new Uint8Array(65_536).fill(0x20))
  const streamed = await fetch(`${server.http.url}/v1/things/${id}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: ReadableStream.from(chunks),
    duplex: 'half',
  })
  expect(streamed.status).toBe(413)
  expect((await server.call('POST', `/v1/things/${id}`, { body: { title: 'a', tags: [] } })).status).toBe(201)
})

test('a body that is far too large answers 413 before all of it has arrived', async () => {
  await using server = await serve([put])
  const reply = await fetch(`${server.http.url}/v1/things/${id}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: new Uint8Array(30 * 2 ** 20).fill(0x20),
  })

  expect(reply.status).toBe(413)
  expect(reply.headers.get('connection')).not.toBe('close')
})

test('an unknown path and a broken one are problems too', async () => {
  await using server = await serve([put])
  const unknown = await server.call('GET', '/v1/nothing')
  expect(unknown.status).toBe(404)
  expect(unknown.json.code).toBe('not_found')
  expect((await server.call('POST', '/v1/things/%E0%A4%A', { body: {} })).json.code).toBe('validation_failed')
})

test('a request id is accepted when it is fit to log, otherwise created', async () => {
  await using server = await serve([])
  const idOf = async (given: string) =>
    (await server.call('GET', '/v1/nothing', { headers: { 'x-request-id': given } })).headers.get(
      'x-request-id',
    )
  expect(await idOf('trace-1.a_B')).toBe('trace-1.a_B')
  expect(await idOf('has spaces')).toMatch(/^[0-9a-f-]{36}$/)
  expect(await idOf('x'.repeat(129))).toMatch(/^[0-9a-f-]{36}$/)
})

test('an unexpected error is logged with its cause and answered without it', async () => {
  expectLog(/secret detail/)
  await using server = await serve([
    route(getText, () => {
      throw new Error('secret detail', { cause: new Error('the root') })
    }),
  ])
  const reply = await server.call('GET', '/v1/text', { headers: { 'x-request-id': 'req-1' } })
  expect(reply.status).toBe(500)
  expect(reply.json).toEqual({
    type: '/problems/internal',
    title: expect.any(String),
    status: 500,
    code: 'internal',
    requestId: 'req-1',
  })
  const line = logLines().find(({ level }) => level === 'error')
  expect(line).toMatchObject({ requestId: 'req-1', service: 'test', node: 'node-1' })
  expect(JSON.stringify(line)).toContain('the root')
})

test('an outage of a dependency answers 503 with Retry-After', async () => {
  await using server = await serve([
    route(getText, () => {
      throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
    }),
  ])
  const reply = await server.call('GET', '/v1/text')
  expect(reply.status).toBe(503)
  expect(reply.json.code).toBe('unavailable')
  expect(reply.headers.get('retry-after')).toBe('1')
})

test('an AppError keeps its detail and its Retry-After', async () => {
  await using server = await serve([
    route(getText, () => {
      throw new AppError('conflict', { detail: 'It changed meanwhile', retryAfter: 2.1 })
    }),
  ])
  const reply = await server.call('GET', '/v1/text')
  expect(reply.json).toMatchObject({ code: 'conflict', detail: 'It changed meanwhile' })
  expect(reply.headers.get('retry-after')).toBe('3')
})

test('a reply that breaks its contract is an error where replies are checked', async () => {
  expectLog(/not what its contract says/)
  await using server = await serve([route(getText, () => new JsonText('{"wrong":1}'))])
  expect((await server.call('GET', '/v1/text')).status).toBe(500)
})

test('a reply that is JSON already is sent as it is', async () => {
  await using server = await serve([route(getText, () => new JsonText('{"text":  "as it is"}'))])
  expect((await server.call('GET', '/v1/text')).text).toBe('{"text":  "as it is"}')
})

test('a route with an empty reply answers nothing', async () => {
  const done = defineRoute({
    method: 'DELETE',
    path: '/v1/x',
    summary: 'x',
    auth: 'none',
    reply: { 204: null },
  })
  await using server = await serve([route(done, async () => {})])
  const reply = await server.call('DELETE', '/v1/x')
  expect([reply.status, reply.text]).toEqual([204, ''])
})

test('an internal route requires the shared secret', async () => {
  const inner = defineRoute({
    method: 'GET',
    path: '/internal/x',
    summary: 'x',
    auth: 'internal',
    reply: { 204: null },
  })
  await using server = await serve([route(inner, () => {})])
  expect((await server.call('GET', '/internal/x')).status).toBe(401)
  expect((await server.call('GET', '/internal/x', { headers: { 'x-internal-token': 'wrong' } })).status).toBe(
    401,
  )
  expect(
    (await server.call('GET', '/internal/x', { headers: { 'x-internal-token': internalToken } })).status,
  ).toBe(204)
})

test('rate limits by address and by content answer 429 with Retry-After', async () => {
  const { call, ...server } = await serve([
    route(putThing, () => reply(200, { title: 'a', limit: 1 }), {
      limit: { name: 'per-title', points: 2, perSeconds: 60, by: ({ body }) => body.title },
    }),
    route(getText, () => ({ text: 'a' }), { limit: { name: 'per-ip', points: 2, perSeconds: 60, by: 'ip' } }),
  ])
  await using _server = server
  const post = async (title: string) =>
    (await call('POST', `/v1/things/${id}`, { body: { title, tags: [] } })).status
  expect([await post('a'), await post('a'), await post('a'), await post('b')]).toEqual([200, 200, 429, 200])
  for (let i = 0; i < 2; i += 1) expect((await call('GET', '/v1/text')).status).toBe(200)
  const refused = await call('GET', '/v1/text')
  expect([refused.status, refused.json.code]).toEqual([429, 'rate_limited'])
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
})
