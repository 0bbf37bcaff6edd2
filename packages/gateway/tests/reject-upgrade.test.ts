import type { ServerEventData } from '@finnigram/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGatewayForTest, type TestGateway } from './start-gateway-for-test.ts'

let environment: TestGateway

beforeAll(async () => {
  environment = await startGatewayForTest()
  await Promise.all(environment.nodes.realtime.map((node) => node.stop()))
}, 60_000)
afterAll(() => environment[Symbol.asyncDispose]())

/** All that a browser receives on a WebSocket, and its close code. */
async function listen(): Promise<{ heard: string[]; code: number }> {
  const socket = new WebSocket(
    `${environment.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`,
  )
  const heard: string[] = []
  socket.addEventListener('message', ({ data }) => heard.push(String(data)))
  return new Promise((resolve) => {
    socket.addEventListener('close', ({ code }) => resolve({ heard, code }))
  })
}

test('with no node left, each WebSocket gets a drain notice with a retry-after', async () => {
  const uploadThrottle = await Promise.all(Array.from({ length: 20 }, listen))
  for (const { heard, code } of uploadThrottle) {
    expect(code).toBe(1013)
    expect(heard[0]).toMatch(/^0\{"sid":/)
    const [event, data] = JSON.parse(heard[2]?.slice(2) ?? '') as [string, ServerEventData['goodbye']]
    expect(event).toBe('goodbye')
    expect(data.retryAfterMs).toBeGreaterThan(1000)
  }
})

test('a request that is no WebSocket is refused with an HTTP status', async () => {
  const answer = await fetch(`${environment.url}/socket.io/?EIO=4`)
  expect(answer.status).toBe(503)
})
