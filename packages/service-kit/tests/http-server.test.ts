import { connect } from 'node:net'
import { expect, test, vi } from 'vitest'
import { createHealth, route } from '../src/index.ts'
import { serve } from './serve.ts'
import { getText, id, put } from './thing-routes.ts'

test('the signal of a request aborts when its client hangs up', async () => {
  const seen = Promise.withResolvers<AbortSignal>()
  await using server = await serve([
    route(getText, async ({ signal }) => {
      seen.resolve(signal)
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      return { text: '' }
    }),
  ])
  const caller = new AbortController()
  const call = fetch(`${server.http.url}/v1/text`, { signal: caller.signal }).catch(() => 'hung up')
  const signal = await seen.promise
  caller.abort()
  expect(await call).toBe('hung up')
  await expect.poll(() => signal.aborted).toBe(true)
})

test('until the service has started its routes answer 503, and health says what is missing', async () => {
  let databaseIsUp = false
  const health = createHealth([
    { name: 'postgres', required: true, check: () => databaseIsUp },
    { name: 'redis', required: false, check: () => Promise.reject(new Error('away')) },
  ])
  await using server = await serve([route(getText, () => ({ text: 'a' }))], { health })
  const ready = async () => {
    const { status, json } = await server.call('GET', '/health/ready')
    return [status, json.status, json.dependencies.postgres.state, json.dependencies.redis.state]
  }
  expect((await server.call('GET', '/health/live')).status).toBe(200)
  expect(await ready()).toEqual([503, 'starting', 'down', 'down'])
  expect((await server.call('GET', '/v1/text')).status).toBe(503)
  health.started()
  expect(await ready()).toEqual([503, 'unavailable', 'down', 'down'])
  databaseIsUp = true
  expect(await ready()).toEqual([200, 'degraded', 'up', 'down'])
  expect((await server.call('GET', '/v1/text')).status).toBe(200)
})

test('metrics count requests by route template, and the event loop', async () => {
  await using server = await serve([put])
  await server.call('POST', `/v1/things/${id}`, { body: { title: 'A', tags: [] } })
  await server.call('GET', '/v1/whatever')
  const { text } = await server.call('GET', '/metrics')
  expect(text).toMatch(
    /http_request_duration_seconds_count\{.*route="\/v1\/things\/:thingId".*status="201".*\} 1/,
  )
  expect(text).toMatch(/route="none".*status="404"/)
  expect(text).toContain('nodejs_eventloop_lag')
  expect(text).not.toContain(id)
})

test('closing lets a request under way finish and refuses new ones', async () => {
  const release = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  const server = await serve([
    route(getText, async () => {
      begun.resolve()
      await release.promise
      return { text: 'finished' }
    }),
  ])
  const underWay = server.call('GET', '/v1/text')
  await begun.promise
  const closed = server[Symbol.asyncDispose]()
  await expect(fetch(`${server.http.url}/v1/text`)).rejects.toThrow()
  release.resolve()
  expect((await underWay).json).toEqual({ text: 'finished' })
  await closed
})

/** All that comes back on a connection until it is closed, or nothing came for `silenceMs`. */
function exchange(port: number, bytes: string, silenceMs = 300): Promise<string> {
  const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
  let received = ''
  return new Promise((resolve) => {
    const over = () => {
      socket.destroy()
      resolve(received)
    }
    socket.setTimeout(silenceMs, over).on('error', over).on('close', over)
    socket.on('data', (data) => {
      received += data
    })
  })
}

test('pipelined requests are answered in order, one at a time; a connection with too many is closed', async () => {
  let atOnce = 0
  let most = 0
  await using server = await serve([
    route(getText, async () => {
      atOnce += 1
      most = Math.max(most, atOnce)
      await new Promise((resolve) => setTimeout(resolve, 5))
      atOnce -= 1
      return { text: 'a' }
    }),
  ])
  const ahead = (count: number) => 'GET /v1/text HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(count)
  const answers = await exchange(server.http.port, ahead(20))
  expect(answers.match(/HTTP\/1\.1 200/g)).toHaveLength(20)
  const flooded = await exchange(server.http.port, ahead(5_000))
  expect((flooded.match(/HTTP\/1\.1/g) ?? []).length).toBeLessThan(5)
  expect(most).toBe(1)
  const { text } = await server.call('GET', '/metrics')
  expect(text).toMatch(/http_connections_cut_total\{.*reason="pipeline".*\} 1$/m)
})

test('an unsupported upgrade is ignored, and its request answered', async () => {
  await using server = await serve([route(getText, () => ({ text: 'a' }))])
  server.http.server.on('upgrade', (_request, socket) => socket.destroy())
  for (const upgrade of ['h2c', 'TLS/1.2, websocket', 'x']) {
    const head = `GET /v1/text HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: ${upgrade}\r\n\r\n`
    expect(await exchange(server.http.port, head)).toMatch(/^HTTP\/1\.1 200 /)
  }
})

test('a body that does not arrive ends with 408, a slow answer with 503', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const ends = Promise.withResolvers<void>()
  try {
    await using server = await serve([put, route(getText, () => ends.promise.then(() => ({ text: '' })))])
    const head = `POST /v1/things/${id} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{`
    const socket = connect(server.http.port, '127.0.0.1', () => socket.write(head))
    const body = new Promise<string>((resolve) => socket.once('data', (data) => resolve(data.toString())))
    const slow = server.call('GET', '/v1/text')
    await expect.poll(() => vi.getTimerCount(), { interval: 20 }).toBeGreaterThanOrEqual(2)
    vi.advanceTimersByTime(10_500)
    const answer = await body
    expect(answer).toMatch(/^HTTP\/1\.1 408 /)
    expect(answer).toMatch(/connection: close/i)
    expect(answer).toContain('"code":"request_timeout"')
    expect((await slow).status).toBe(503)
    socket.destroy()
    ends.resolve()
  } finally {
    vi.useRealTimers()
  }
})

test('metrics and health are not computed for each of many requests', async () => {
  let made = 0
  const check = () => {
    made += 1
  }
  const health = createHealth([{ name: 'thing', required: true, check }])
  health.started()
  await using server = await serve([], { health })
  const all = await Promise.all(Array.from({ length: 300 }, () => server.call('GET', '/health/ready')))
  expect(new Set(all.map(({ status }) => status))).toEqual(new Set([200]))
  expect(made).toBeLessThan(60)
})

test('bytes that are no HTTP end that connection alone', async () => {
  await using server = await serve([put])
  const socket = connect(server.http.port, '127.0.0.1', () => socket.write('nonsense\r\n\r\n'))
  const answer = await new Promise<string>((resolve) =>
    socket.once('data', (data) => resolve(data.toString())),
  )
  expect(answer).toMatch(/^HTTP\/1\.1 400/)
  socket.destroy()
  expect((await server.call('GET', '/health/live')).status).toBe(200)
})
