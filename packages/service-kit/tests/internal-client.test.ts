import { defineRoute } from '@finnigram/contracts'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { AppError, createInternalClient, route, withRequestId } from '../src/index.ts'
import { internalToken, serve } from './serve.ts'

const addUp = defineRoute({
  method: 'POST',
  path: '/internal/sums/:name',
  summary: 'Add up',
  auth: 'internal',
  params: z.object({ name: z.string() }),
  query: z.object({ times: z.coerce.number().default(1) }),
  body: z.object({ numbers: z.array(z.number()) }),
  reply: { 200: z.object({ name: z.string(), sum: z.number(), requestId: z.string() }) },
  errors: ['conflict'],
})

test('a call reaches the other service with the secret and the request id', async () => {
  await using server = await serve([
    route(addUp, ({ params, query, body, requestId }) => ({
      name: params.name,
      sum: body.numbers.reduce((a, b) => a + b, 0) * query.times,
      requestId,
    })),
  ])
  const client = createInternalClient({ baseUrl: server.http.url, token: internalToken })
  const call = () =>
    client.call(addUp, { params: { name: 'a/b' }, query: { times: 2 }, body: { numbers: [1, 2] } })
  expect(await withRequestId('req-1', call)).toEqual({ name: 'a/b', sum: 6, requestId: 'req-1' })
})

test('the error of the other service is thrown here as it is', async () => {
  await using server = await serve([
    route(addUp, () => {
      throw new AppError('conflict', { detail: 'not now' })
    }),
  ])
  const client = createInternalClient({ baseUrl: server.http.url, token: internalToken })
  const call = client.call(addUp, { params: { name: 'a' }, body: { numbers: [] } })
  await expect(call).rejects.toMatchObject({ code: 'conflict', detail: 'not now' })
  const stranger = createInternalClient({ baseUrl: server.http.url, token: 'wrong' })
  await expect(stranger.call(addUp, { params: { name: 'a' }, body: { numbers: [] } })).rejects.toMatchObject({
    code: 'unauthenticated',
  })
})

test('a service that is away, or too slow, is unavailable', async () => {
  await using server = await serve([route(addUp, () => new Promise(() => {}))])
  const client = createInternalClient({ baseUrl: server.http.url, token: internalToken })
  const call = client.call(addUp, { params: { name: 'a' }, body: { numbers: [] }, timeoutMs: 100 })
  await expect(call).rejects.toMatchObject({ code: 'unavailable' })
  const nobody = createInternalClient({ baseUrl: 'http://127.0.0.1:9', token: internalToken })
  await expect(nobody.call(addUp, { params: { name: 'a' }, body: { numbers: [] } })).rejects.toMatchObject({
    code: 'unavailable',
  })
})

test('a kept connection that the other side closed meanwhile costs nobody an error', async () => {
  await using server = await serve([route(addUp, () => ({ name: '', sum: 1, requestId: '' }))])
  const client = createInternalClient({ baseUrl: server.http.url, token: internalToken })
  for (let i = 0; i < 20; i += 1) {
    await client.call(addUp, { params: { name: 'a' }, body: { numbers: [] } })
    const again = client.call(addUp, { params: { name: 'a' }, body: { numbers: [] } })
    server.http.server.closeIdleConnections()
    await again
  }
})
