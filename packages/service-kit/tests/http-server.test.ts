import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { createHealth, route } from '../src/index.ts'
import { serve } from './serve.ts'
import { getText, id, put } from './thing-routes.ts'

test('the signal of a request aborts when its caller hangs up', async () => {
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

test('until the service has started its routes answer 503, and health tells what is missing', async () => {
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

test('what is not HTTP at all ends that connection alone', async () => {
  await using server = await serve([put])
  const socket = connect(server.http.port, '127.0.0.1', () => socket.write('nonsense\r\n\r\n'))
  const answer = await new Promise<string>((resolve) =>
    socket.once('data', (data) => resolve(data.toString())),
  )
  expect(answer).toMatch(/^HTTP\/1\.1 400/)
  socket.destroy()
  expect((await server.call('GET', '/health/live')).status).toBe(200)
})
