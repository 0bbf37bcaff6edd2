import { request as openRequest } from 'node:http'
import { connect } from 'node:net'
import { freePort } from '@finnigram/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGateway } from '../src/start-gateway.ts'
import { UpstreamPool } from '../src/upstream-pool.ts'
import { EchoNode } from './echo-node.ts'
import { exchange, upgrade } from './raw-http.ts'
import { startGatewayForTest, type TestGateway } from './start-gateway-for-test.ts'

interface Echo {
  healthAsked: number
  connections: number
}

/** One with the bounds as they are, and one where an address may ask for a hundredth. */
let environment: TestGateway
let strict: TestGateway
const warnings: string[] = []

let metricsPort: number

beforeAll(async () => {
  metricsPort = await freePort()
  const warn = (text: string) => void warnings.push(text)
  ;[environment, strict] = await Promise.all([
    startGatewayForTest({ warn }),
    startGatewayForTest({ rateLimitScale: 0.01, metricsPort }),
  ])
})
afterAll(() => Promise.all([environment, strict].map((each) => each?.[Symbol.asyncDispose]())))

interface Answer {
  status: number
  headers: Record<string, unknown>
  body: string
}

/** Asks from an address of this machine. */
function askFrom(localAddress: string, path: string, headers = {}): Promise<Answer> {
  const { port } = new URL(strict.url)
  return new Promise((resolve, reject) => {
    openRequest({ host: '127.0.0.1', port, path, localAddress, headers, agent: false }, (answer) => {
      let body = ''
      answer.setEncoding('utf8').on('data', (text) => {
        body += text
      })
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }))
    })
      .once('error', reject)
      .end()
  })
}

const askTimes = (count: number, ...how: Parameters<typeof askFrom>) =>
  Promise.all(Array.from({ length: count }, () => askFrom(...how)))
const statuses = (answers: Answer[]) => [...new Set(answers.map(({ status }) => status))].sort()

test.each(['/v1/docs', '/v1/openapi.json', '/v1/asyncapi.json'])(
  '%s is made once, sent compressed, and not again to who has it',
  async (path) => {
    const get = (headers = {}, method = 'GET') => fetch(environment.url + path, { headers, method })
    const [plain, small] = await Promise.all([
      get({ 'accept-encoding': 'identity' }),
      get({ 'accept-encoding': 'gzip, br;q=0' }),
    ])
    expect(small.headers.get('content-encoding')).toBe('gzip')
    expect((await get({ 'accept-encoding': 'br' })).headers.get('content-encoding')).toBe('br')
    expect(await small.text()).toBe(await plain.text())
    for (const { headers } of [plain, small]) {
      const etag = headers.get('etag') ?? ''
      expect(etag).toMatch(/^"[\w-]+"$/)
      const again = await get({
        'if-none-match': `"other", ${etag}`,
        'accept-encoding': headers.get('content-encoding') ?? 'identity',
      })
      expect([again.status, await again.text()]).toEqual([304, ''])
    }
    expect(plain.headers.get('etag')).not.toBe(small.headers.get('etag'))
    expect(await (await get({}, 'HEAD')).text()).toBe('')
    expect((await get({}, 'POST')).status).toBe(405)
    // Made anew each time, a hundred would cost six seconds of a processor.
    const before = process.cpuUsage()
    const known = { 'if-none-match': '*' }
    await Promise.all(Array.from({ length: 100 }, async () => (await get(known)).arrayBuffer()))
    expect(process.cpuUsage(before).user).toBeLessThan(2_500_000)
  },
)

test('nodes are asked for their health once a second, however many callers there are', async () => {
  const asked = async () =>
    ((await (await fetch(`${environment.url}/v1/users/me`)).json()) as Echo).healthAsked
  const before = Math.max(await asked(), await asked())
  await Promise.all(
    Array.from({ length: 200 }, async () => (await fetch(`${environment.url}/health`)).text()),
  )
  expect(Math.max(await asked(), await asked()) - before).toBeLessThanOrEqual(3)
})

test('requests beyond the bound of every node get 503 and are counted by service', async () => {
  const gateway = await startGateway({ port: 0, host: '127.0.0.1', trustProxy: false })
  const pools = ['users', 'messages', 'realtime'].map((name) => {
    const node = { host: '127.0.0.1', port: 9, isUp: () => true, child: () => undefined }
    return new UpstreamPool(name, [node])
  })
  const [users, messages, realtime] = pools
  if (!users || !messages || !realtime) throw new Error('three services')
  gateway.connect({ users, messages, realtime })
  for (const node of messages.nodes) node.underWay = 2_048
  const statusOf = async (path: string) => (await fetch(gateway.url + path)).status
  expect([await statusOf('/v1/conversations'), await statusOf('/v1/users/me')]).toEqual([503, 503])
  const metrics = await gateway.metrics.text()
  expect(metrics).toMatch(/gateway_refused_total\{bound="requests to messages".*\} 1/)
  expect(metrics).not.toContain('requests to users')
  for (const pool of pools) pool[Symbol.dispose]()
  await gateway[Symbol.asyncDispose]()
})

test('an address that requests too much without a token gets Retry-After, and no other does', async () => {
  const floods = await askTimes(60, '127.0.0.3', '/v1/asyncapi.json')
  expect(statuses(floods)).toEqual([200, 429])
  const refused = floods.find(({ status }) => status === 429)
  expect(refused?.headers).toMatchObject({ 'retry-after': '1', 'content-type': 'application/problem+json' })
  expect(JSON.parse(refused?.body ?? '')).toMatchObject({ code: 'rate_limited', status: 429 })
  expect((await askFrom('127.0.0.4', '/v1/openapi.json')).status).toBe(200)
  expect(await strict.gateway.metrics.text()).toMatch(
    /gateway_refused_total\{bound="unproven requests".*\} \d/,
  )
})

test('requests with a known good token are not limited, those with a made-up one are', async () => {
  const bearer = (letter: string) => ({ authorization: `Bearer a.b.${letter.repeat(86)}` })
  const first = await askFrom('127.0.0.5', '/v1/users/me', bearer('g'))
  expect([first.status, first.headers['x-token-verified']]).toEqual([200, undefined])
  const made = await askTimes(60, '127.0.0.5', '/v1/users/stranger', bearer('m'))
  expect(statuses(made)).toEqual([401, 429])
  const known: Answer[] = []
  for (let n = 0; n < 60; n += 1) known.push(await askFrom('127.0.0.5', '/v1/users/me', bearer('g')))
  expect(statuses(known)).toEqual([200])
})

test('a token that no service has verified stays limited, whatever the answer', async () => {
  const authorization = `Bearer a.b.${'p'.repeat(86)}`
  const open = await askTimes(60, '127.0.0.8', '/v1/users/public', { authorization })
  expect(statuses(open)).toEqual([200, 429])
})

test('calls of one address beyond its queue are refused, and other addresses are served', async () => {
  const { port } = new URL(strict.url)
  const bearer = (n: number) => `Bearer a.b.${String(n).padStart(86, 'x')}`
  const slow = Array.from({ length: 20 }, (_, n) => {
    const socket = connect({ port: Number(port), host: '127.0.0.1', localAddress: '127.0.0.6' })
    socket.write(`GET /v1/users/slow HTTP/1.1\r\nHost: x\r\nAuthorization: ${bearer(n)}\r\n\r\n`)
    return socket
  })
  const refused = await new Promise<string>((resolve) => {
    for (const socket of slow) socket.once('data', (data) => resolve(data.toString()))
  })
  expect(refused).toMatch(/^HTTP\/1\.1 429 /)
  expect((await askFrom('127.0.0.7', '/v1/users/me')).status).toBe(200)
  for (const socket of slow) socket.destroy()
  await expect.poll(async () => (await askFrom('127.0.0.6', '/v1/users/me')).status).toBe(200)
  expect(await strict.gateway.metrics.text()).toMatch(/gateway_calls_under_way\{.*\} 0$/m)
})

test('thousands of pipelined requests use one connection to a service, and close theirs', async () => {
  const count = async () =>
    ((await (await fetch(`${environment.url}/v1/users/me`)).json()) as Echo).connections
  const before = Math.max(await count(), await count())
  const head = 'GET /v1/users/slow HTTP/1.1\r\nHost: x\r\n\r\n'
  await exchange(environment.url, head.repeat(5_000)).catch(() => {})
  expect(Math.max(await count(), await count()) - before).toBeLessThan(5)
  expect(await environment.gateway.metrics.text()).toMatch(
    /gateway_connections_cut_total\{reason="pipeline".*\} 1$/m,
  )
})

test('sockets of an address that never show a token are refused after a while, those of others are not', async () => {
  const path = '/socket.io/?EIO=4&transport=websocket'
  for (let n = 0; n < 2; n += 1) expect(await upgrade(strict.url, { path, text: 'x' })).toMatch(/echo/)
  expect(await upgrade(strict.url, { path, text: '' })).toMatch(/^HTTP\/1\.1 503 /)
  expect(await upgrade(strict.url, { path, text: 'x', from: '127.0.0.8' })).toMatch(/echo/)
  expect(await strict.gateway.metrics.text()).toMatch(/bound="sockets without a token".*\} 1$/m)
})

test('a known person who connects too often takes places of their address only', async () => {
  await using gateway = await startGateway({
    port: 0,
    host: '127.0.0.1',
    trustProxy: false,
    connectionsPerSecond: 1,
    connectionsAtOnce: 1,
  })
  await using node = await EchoNode.start('judging')
  using pool = new UpstreamPool('realtime', [node.upstream])
  gateway.connect({ users: pool, messages: pool, realtime: pool })
  const path = '/socket.io/?EIO=4&transport=websocket&judged=limited'
  const openSocket = (from: string) => upgrade(gateway.url, { path, text: 'x', from })

  for (let n = 0; n < 12; n += 1) expect(await openSocket('127.0.0.9')).toMatch(/echo/)
  expect(await upgrade(gateway.url, { path, text: '', from: '127.0.0.9' })).toMatch(/^HTTP\/1\.1 503 /)
  expect(await gateway.metrics.text()).toMatch(/bound="sockets without a token".*\} 1$/m)
  expect(await gateway.metrics.text()).toMatch(/gateway_handshakes_total\{outcome="limited".*\} 12$/m)
  expect(await openSocket('127.0.0.10')).toMatch(/echo/)
})

test('an upgrade to an unknown protocol is ignored', async () => {
  for (const [path, to] of [
    ['/v1/users/me', 'h2c'],
    ['/v1/users/me', 'websocket'],
    ['/health', 'h2c'],
    ['/socket.io/', 'echo'],
  ]) {
    const head = `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: ${to}\r\n\r\n`
    expect(await exchange(environment.url, head)).toMatch(/^HTTP\/1\.1 200 /)
  }
})

test('a proxy that is not trusted is warned of once and counted', async () => {
  const headers = { 'x-forwarded-for': '203.0.113.9' }
  for (let n = 0; n < 3; n += 1) await fetch(`${environment.url}/health`, { headers })
  expect(warnings).toHaveLength(1)
  expect(warnings[0]).toMatch(/127\.0\.0\.1.*TRUST_PROXY=on/)
  expect(await environment.gateway.metrics.text()).toMatch(/gateway_unknown_proxy_total\{.*\} 3$/m)
})

test('metrics are on a port of the loopback interface, not at the public address', async () => {
  const answer = await fetch(`http://127.0.0.1:${metricsPort}/metrics`)
  expect(await answer.text()).toContain('gateway_refused_total')
  expect((await fetch(`http://127.0.0.1:${metricsPort}/health`)).status).toBe(404)
  expect(await (await fetch(`${environment.url}/metrics`)).text()).not.toContain('gateway_refused_total')
})
