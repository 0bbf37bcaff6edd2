import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGatewayForTest, type TestGateway } from './start-gateway-for-test.ts'

let environment: TestGateway

beforeAll(async () => {
  environment = await startGatewayForTest()
})
afterAll(() => environment?.[Symbol.asyncDispose]())

/**
 * Opens connections, fewer at a time than the kernel keeps, that send `bytes` and then nothing;
 * answers how many of them are open.
 */
async function openMany(count: number, bytes: string): Promise<() => number> {
  let open = 0
  for (let n = 0; n < count; n += 1) {
    const socket = connect(Number(new URL(environment.url).port), '127.0.0.1')
    socket
      .on('error', () => {})
      .on('close', () => {
        open -= 1
      })
    socket.resume()
    await once(socket, 'connect')
    open += 1
    socket.write(bytes)
  }
  return () => open
}

test('connections that send nothing, or half a head, are closed within 20 seconds', async () => {
  const silent = await openMany(300, '')
  const half = await openMany(100, 'GET /v1/users/me HTTP/1.1\r\nHost: x\r\nX-Slow: ')
  await expect.poll(() => silent() + half(), { timeout: 10_000 }).toBe(400)
  expect((await fetch(`${environment.url}/health`)).status).toBe(200)
  await expect.poll(() => silent() + half(), { timeout: 20_000, interval: 500 }).toBe(0)
}, 40_000)

test('an address has two thousand connections and no more', async () => {
  const open = await openMany(2_100, '')
  // Somebody else of this address may have one.
  await expect.poll(open, { timeout: 10_000, interval: 100 }).toBeLessThanOrEqual(2_000)
  expect(open()).toBeGreaterThan(1_990)
  expect(await environment.gateway.metrics.text()).toMatch(/reason="many of an address".*\} 10\d$/m)
}, 40_000)
