import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGateway } from '../src/start-gateway.ts'
import { exchange, raw, upgrade } from './raw-http.ts'
import { startGatewayForTest, type TestGateway } from './start-gateway-for-test.ts'

interface Echo {
  name: string
  url: string
  headers: Record<string, string>
  bytes: number
}

let environment: TestGateway

beforeAll(async () => {
  environment = await startGatewayForTest()
})
afterAll(() => environment?.[Symbol.asyncDispose]())

const get = (path: string, init: RequestInit = {}) => fetch(`${environment.url}${path}`, init)
const echo = async (path: string, init: RequestInit = {}) => (await get(path, init)).json() as Promise<Echo>

test('each path reaches its service, unchanged', async () => {
  const answers = await Promise.all(
    ['/v1/users/me?x=%20y', '/.well-known/jwks.json', '/v1/sync', '/v1/conversations/1/messages'].map(
      (path) => echo(path),
    ),
  )
  expect(answers.map(({ name, url }) => `${name.split('-')[0]} ${url}`)).toEqual([
    'users /v1/users/me?x=%20y',
    'users /.well-known/jwks.json',
    'messages /v1/sync',
    'messages /v1/conversations/1/messages',
  ])
})

test('nodes are balanced round-robin, and one that died is left out until it is back', async () => {
  const names = async (count: number) => {
    const all: string[] = []
    for (let number = 0; number < count; number++) all.push((await echo('/v1/users/me')).name)
    return [...new Set(all)].sort()
  }
  expect(await names(4)).toEqual(['users-1', 'users-2'])
  const dead = environment.nodes.users[0]
  await dead?.stop()
  expect(await names(6)).toEqual(['users-2'])
  dead?.start()
  await dead?.healthy()
  expect(await names(4)).toEqual(['users-1', 'users-2'])
})

test('with no node left the answer is 503 as problem+json, to be tried again in a second', async () => {
  await Promise.all(environment.nodes.messages.map((node) => node.stop()))
  const answer = await get('/v1/sync', { method: 'POST', body: '{}', headers: { 'x-request-id': 'req-1' } })
  expect(answer.status).toBe(503)
  expect(answer.headers.get('content-type')).toBe('application/problem+json')
  expect(answer.headers.get('retry-after')).toBe('1')
  expect(await answer.json()).toMatchObject({ status: 503, code: 'unavailable', requestId: 'req-1' })
  for (const node of environment.nodes.messages) node.start()
  await Promise.all(environment.nodes.messages.map((node) => node.healthy()))
})

test('a request id is kept or made; headers that only the gateway sets are not taken from clients', async () => {
  const { headers } = await echo('/v1/users/me', {
    headers: {
      'x-request-id': 'mine.1',
      'x-internal-token': 'guess',
      'x-forwarded-for': '6.6.6.6',
      'x-forwarded-proto': 'https',
    },
  })
  expect(headers).toMatchObject({
    'x-request-id': 'mine.1',
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-proto': 'http',
  })
  expect(headers).not.toHaveProperty('x-internal-token')
  const answer = await get('/v1/users/me', { headers: { 'x-request-id': 'two words' } })
  expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
})

test('bodies of any size pass as streams, with and without a length', async () => {
  const big = 'x'.repeat(3_000_000)
  expect((await echo('/v1/uploads', { method: 'POST', body: big })).bytes).toBe(big.length)
  const stream = new Blob([big]).stream()
  const chunked = await echo('/v1/uploads', { method: 'PATCH', body: stream, duplex: 'half' } as RequestInit)
  expect(chunked.bytes).toBe(big.length)
})

test('a request whose service dies gets 503', async () => {
  const pending = get('/v1/users/slow')
  await new Promise((resolve) => setTimeout(resolve, 200))
  await Promise.all(environment.nodes.users.map((node) => node.kill('SIGKILL')))
  const answer = await pending
  expect(answer.status).toBe(503)
  await Promise.all(environment.nodes.users.map((node) => node.healthy()))
})

test('an answer whose service dies ends as broken, not as whole', async () => {
  const answer = await get('/v1/users/half')
  const text = answer.text()
  text.catch(() => {})
  await Promise.all(environment.nodes.users.map((node) => node.kill('SIGKILL')))
  await expect(text).rejects.toThrow()
  await Promise.all(environment.nodes.users.map((node) => node.healthy()))
})

test('after an early answer the connection serves the next request', async () => {
  const socket = connect(Number(new URL(environment.url).port), '127.0.0.1')
  let received = ''
  socket.on('data', (chunk) => {
    received += chunk
  })
  const size = 8_000_000
  socket.write(`PUT /v1/users/hasty HTTP/1.1\r\nHost: x\r\nContent-Length: ${size}\r\n\r\n`)
  socket.write('x'.repeat(size))
  socket.write('GET /v1/users/me HTTP/1.1\r\nHost: x\r\n\r\n')

  await expect.poll(() => received, { timeout: 5_000 }).toContain('"url":"/v1/users/me"')
  socket.destroy()
})

test('a socket is handed off, also past a node that died', async () => {
  await environment.nodes.realtime[0]?.stop()
  for (let number = 0; number < 3; number++) {
    const text = await upgrade(environment.url, { path: '/socket.io/?EIO=4', text: 'hello' })
    expect(text).toMatch(/^HTTP\/1.1 101 /)
    expect(text).toContain('X-Answered-By: realtime-2')
    expect(text).toMatch(/X-Request-Id: [0-9a-f-]{36}/)
    expect(text).toMatch(/hello$/)
  }
  await environment.nodes.realtime[1]?.stop()
  expect(await upgrade(environment.url, { path: '/socket.io/', text: '' })).toMatch(
    /^HTTP\/1.1 503 .*\r\nRetry-After: 1/,
  )
  for (const node of environment.nodes.realtime) node.start()
  await Promise.all(environment.nodes.realtime.map((node) => node.healthy()))
})

test('bytes sent during the hand-off are not lost', async () => {
  const text = 'abcdefghij'.repeat(20)
  for (let round = 0; round < 10; round++) {
    const socket = connect(Number(new URL(environment.url).port), '127.0.0.1').setNoDelay()
    let received = ''
    socket.on('data', (chunk) => {
      received += chunk
    })
    socket.write('GET /socket.io/ HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    for (const letter of text) {
      socket.write(letter)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await expect.poll(() => received.split('\r\n\r\n')[1]).toBe(text)
    socket.destroy()
  }
})

test.each([
  ['DELETE', 'Connection: content-length, close\r\nContent-Length: 5\r\n\r\nhello'],
  ['GET', 'Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n'],
])('the body of a %s stays a body, whatever its headers say of it', async (method, rest) => {
  const answer = await exchange(environment.url, `${method} /v1/users/me HTTP/1.1\r\nHost: x\r\n${rest}`)
  expect(answer).toMatch(/^HTTP\/1.1 200 /)
  expect(answer).toContain('"bytes":5')
})

test.each([
  '/../outside.txt',
  '/%2e%2e/outside.txt',
  '/..%2foutside.txt',
  '/_expo/..%5c..%5coutside.txt',
  '/v1/users/../../internal/sends',
  '/internal/sends',
  '/v1/nothing',
])('%s is nobody’s: 404', async (path) => {
  const { status, body } = await raw(environment.url, path)
  expect(status).toBe(404)
  expect(JSON.parse(body)).toMatchObject({ code: 'not_found' })
})

test('health lists every node within a second, and is 503 when a service has none', async () => {
  const health = async () => {
    const answer = await get('/health')
    return { code: answer.status, ...((await answer.json()) as object) }
  }
  const becomes = (expected: object) =>
    expect.poll(health, { timeout: 3_000, interval: 100 }).toMatchObject(expected)
  await becomes({ code: 200, status: 'ready' })
  await environment.nodes.realtime[0]?.stop()
  await becomes({ code: 200, status: 'degraded' })
  await environment.nodes.realtime[1]?.stop()
  await becomes({ code: 503, status: 'down', services: { realtime: [{ status: 'down' }, {}] } })
  for (const node of environment.nodes.realtime) node.start()
  await Promise.all(environment.nodes.realtime.map((node) => node.healthy()))
})

test('behind a trusted proxy, its X-Forwarded-For names the client', async () => {
  await using trusting = await startGatewayForTest({ trustProxy: true })
  const answer = await fetch(`${trusting.url}/v1/users/me`, {
    headers: { 'x-forwarded-for': '6.6.6.6, 198.51.100.7', 'x-forwarded-proto': 'https' },
  })
  const { headers } = (await answer.json()) as Echo
  expect(headers).toMatchObject({ 'x-forwarded-for': '198.51.100.7', 'x-forwarded-proto': 'https' })
})

test('a taken port fails with a sentence', async () => {
  const port = Number(new URL(environment.url).port)
  await expect(startGateway({ port, host: '127.0.0.1', trustProxy: false })).rejects.toThrow(
    `Port ${port} is taken by another program: stop it, or choose another port, for example \`PORT=${port + 1} npm start\`.`,
  )
})
