import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { messagesApi } from '@finnigram/contracts'
import { expect, test } from 'vitest'
import { createApi, fixedToken, localProblem, NetworkProblem, noTokens } from '../src/index.ts'

type Answer = (request: IncomingMessage, response: ServerResponse) => void

async function answering(answer: Answer) {
  const seen: IncomingMessage[] = []
  const server = createServer((request, response) => {
    seen.push(request)
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    seen,
    baseUrl,
    api: createApi({ baseUrl, tokens: fixedToken('t'), timeoutMs: 300 }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const refuse = (
  response: ServerResponse,
  code: 'unavailable' | 'rate_limited' | 'internal',
  retryAfter?: string,
) => {
  const { problem } = localProblem(code)
  if (retryAfter !== undefined) response.setHeader('retry-after', retryAfter)
  response.writeHead(problem.status, { 'content-type': 'application/problem+json' })
  response.end(JSON.stringify(problem))
}

test('a call fills the path, and carries token and request id', async () => {
  await using server = await answering((_, response) => response.end('{}'))
  await server.api.listMessages('a/b', { before: 7 })
  const [request] = server.seen
  expect(request?.url).toBe('/v1/conversations/a%2Fb/messages?before=7')
  expect(request?.headers).toMatchObject({
    authorization: 'Bearer t',
    'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
  })
})

test('a read is repeated after Retry-After; a write is left to its caller', async () => {
  let refusals = 2
  await using server = await answering((_, response) => {
    refusals -= 1
    if (refusals < 0) response.end('{}')
    else refuse(response, refusals === 1 ? 'unavailable' : 'rate_limited', '0')
  })
  await server.api.getMe()
  expect(server.seen).toHaveLength(3)
  refusals = 1
  await expect(server.api.createDirect('someone')).rejects.toMatchObject({
    code: 'rate_limited',
    retryAfterMs: 0,
  })
  expect(server.seen).toHaveLength(4)
})

test('it is not repeated for ever, nor without a Retry-After, nor after too long a one', async () => {
  let retryAfter: string | undefined = '0'
  await using server = await answering((_, response) => refuse(response, 'unavailable', retryAfter))
  await expect(server.api.getMe()).rejects.toMatchObject({ code: 'unavailable' })
  expect(server.seen).toHaveLength(3)
  for (retryAfter of [undefined, '600']) {
    server.seen.length = 0
    await expect(server.api.getMe()).rejects.toMatchObject({ code: 'unavailable' })
    expect(server.seen).toHaveLength(1)
  }
})

test('a server that does not answer, or is not there, is a network problem', async () => {
  await using silent = await answering(() => undefined)
  await expect(silent.api.getMe()).rejects.toMatchObject({ name: 'NetworkProblem', reason: 'timeout' })
  const aborting = new AbortController()
  const aborted = silent.api.call(messagesApi.sync, { body: { known: {} }, signal: aborting.signal })
  aborting.abort()
  await expect(aborted).rejects.toMatchObject({ reason: 'aborted' })
  const nowhere = createApi({ baseUrl: 'http://127.0.0.1:1', tokens: noTokens })
  await expect(nowhere.call(messagesApi.sync, { body: { known: {} } })).rejects.toMatchObject({
    code: 'unauthenticated',
  })
  const gone = createApi({ baseUrl: 'http://127.0.0.1:1', tokens: fixedToken('t') })
  await expect(gone.getMe()).rejects.toBeInstanceOf(NetworkProblem)
})
