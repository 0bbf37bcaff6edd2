import { Agent, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { type PooledNode, watchLiveness } from './upstream-pool.ts'

test('a node that does not answer is counted as silent, until it does', async () => {
  await using served = await serve(1_800)
  using _watch = watchLiveness([served.node])
  await expect.poll(() => served.node.silentMs, { timeout: 5_000 }).toBeGreaterThanOrEqual(1_000)
  await expect.poll(() => served.node.silentMs, { timeout: 5_000 }).toBe(0)
})

test('while this process is blocked, no node counts as silent', async () => {
  await using served = await serve(600)
  using _watch = watchLiveness([served.node])
  await sleep(600)
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_500)
  await sleep(0)
  expect(served.node.silentMs).toBeLessThanOrEqual(500)
})

/** A node that answers `ms` milliseconds after it was asked. */
async function serve(ms: number) {
  const server = createServer((_request, response) => {
    setTimeout(() => response.end(), ms)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const node: PooledNode = {
    host: '127.0.0.1',
    port,
    isUp: () => true,
    child: () => undefined,
    agent: new Agent(),
    downUntil: 0,
    silentMs: 0,
    underWay: 0,
  }
  return {
    node,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
    },
  }
}
