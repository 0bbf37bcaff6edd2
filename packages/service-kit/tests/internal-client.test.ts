import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { aFile, defineRoute } from '@finnigram/contracts'
import { expect, test } from 'vitest'
import { z } from 'zod'
import {
  AppError,
  createInternalClient,
  currentRequestId,
  FileBody,
  isUnavailable,
  pause,
  route,
  withRequestId,
} from '../src/index.ts'
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

test('a kept-alive connection that the server closed costs no error', async () => {
  await using server = await serve([route(addUp, () => ({ name: '', sum: 1, requestId: '' }))])
  const client = createInternalClient({ baseUrl: server.http.url, token: internalToken })
  for (let i = 0; i < 20; i += 1) {
    await client.call(addUp, { params: { name: 'a' }, body: { numbers: [] } })
    const again = client.call(addUp, { params: { name: 'a' }, body: { numbers: [] } })
    server.http.server.closeIdleConnections()
    await again
  }
})

const file = defineRoute({
  method: 'GET',
  path: '/internal/files/:name',
  summary: 'Read a file',
  auth: 'internal',
  params: z.object({ name: z.string() }),
  reply: { 200: aFile('text/plain') },
})
const fileFrom = (open: () => Readable | Promise<Readable>) =>
  route(file, () => new FileBody({ mediaType: 'text/plain', open }))

test('a file is streamed with the request id, at the speed of its reader', async () => {
  const ids: (string | undefined)[] = []
  await using server = await serve([
    fileFrom(() => {
      ids.push(currentRequestId())
      return Readable.from(Array.from({ length: 64 }, () => Buffer.alloc(65_536, 'a')))
    }),
  ])
  using client = createInternalClient({ baseUrl: server.http.url, token: internalToken })
  const open = () => client.open(file, { params: { name: 'a' }, silenceMs: 200 })
  const source = await withRequestId('req-1', open)
  let bytes = 0
  for await (const piece of source as AsyncIterable<Buffer>) {
    // Longer than a source may be silent: a slow reader is none.
    if (bytes === 0) await pause(500)
    bytes += piece.length
  }
  expect({ bytes, ids }).toEqual({ bytes: 64 * 65_536, ids: ['req-1'] })
})

test('a file that does not begin in time, or stalls, is unavailable and leaves nothing open', async () => {
  const opened: Readable[] = []
  const silentAfter = (text: string) => () => {
    const source = new Readable({ read() {} })
    if (text !== '') source.push(text)
    opened.push(source)
    return source
  }
  await using dumb = await serve([fileFrom(() => new Promise<Readable>(() => {}))])
  await using stuck = await serve([fileFrom(silentAfter('Dear '))])
  using toDumb = createInternalClient({ baseUrl: dumb.http.url, token: internalToken })
  using toStuck = createInternalClient({ baseUrl: stuck.http.url, token: internalToken })
  const waits = { params: { name: 'a' }, timeoutMs: 300, silenceMs: 300 }
  await expect(toDumb.open(file, waits)).rejects.toMatchObject({ code: 'unavailable' })
  const broken = await text(await toStuck.open(file, waits)).catch((error: unknown) => error)
  expect(broken).toMatchObject({ name: 'TimeoutError' })
  expect(isUnavailable(broken)).toBe(true)
  // Nor does one that is given up before anything of it was read.
  ;(await toStuck.open(file, waits)).destroy()
  await expect.poll(() => opened.map(({ destroyed }) => destroyed)).toEqual([true, true])
})
