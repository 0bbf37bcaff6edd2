import { connect } from 'node:net'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { EchoNode } from './echo-node.ts'
import { startGatewayForTest, type TestGateway } from './start-gateway-for-test.ts'

let environment: TestGateway
let frozen: EchoNode[] = []

beforeAll(async () => {
  environment = await startGatewayForTest()
})
afterEach(async () => {
  for (const { pid } of frozen.splice(0)) if (pid) process.kill(pid, 'SIGCONT')
  for (const nodes of Object.values(environment.nodes)) {
    const names = nodes.map(({ name }) => name).toSorted()
    const path = names[0]?.startsWith('users') ? '/v1/users/me' : '/v1/sync'
    if (names[0]?.startsWith('realtime')) continue
    await expect.poll(() => answeredBy(path, 4), { timeout: 10_000 }).toEqual(names)
  }
})
afterAll(() => environment?.[Symbol.asyncDispose]())

test('a frozen node gets nothing new until it answers again', async () => {
  freeze(environment.nodes.users[0])
  await expect.poll(() => askedInTime('/v1/users/me', 500), { timeout: 5_000 }).toBe(true)
  await expect.poll(() => askedInTime('/v1/users/me', 500), { timeout: 5_000 }).toBe(true)
  expect(await answeredBy('/v1/users/me', 6)).toEqual(['users-2'])
})

test('a repeatable request to a node that freezes moves to the other node', async () => {
  freeze(environment.nodes.users[0])
  expect(await answeredBy('/v1/users/me', 4)).toEqual(['users-2'])
})

test('a request that is not repeatable gets 503 with Retry-After and reaches no other node', async () => {
  freeze(environment.nodes.messages[0])
  const answers = await Promise.all([1, 2].map(() => post('/v1/sync')))
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 503])
  const failed = answers.find(({ status }) => status === 503)
  expect(failed?.headers.get('retry-after')).toBe('1')
  expect(await failed?.json()).toMatchObject({ code: 'unavailable' })
})

test('while all nodes are frozen the answer is 503, soon without a delay', async () => {
  freeze(...environment.nodes.messages)
  const first = await fetch(`${environment.url}/v1/sync`)
  expect(first.status).toBe(503)
  expect((await fetch(`${environment.url}/v1/sync`, { signal: AbortSignal.timeout(500) })).status).toBe(503)
})

test('sockets are handed off to a responsive node', async () => {
  freeze(environment.nodes.realtime[0])
  await expect
    .poll(async () => (await Promise.all([upgrade(), upgrade(), upgrade()])).join(' '), { timeout: 8_000 })
    .toBe('realtime-2 realtime-2 realtime-2')
})

test('a socket that no node can take in time is rejected at once', async () => {
  freeze(...environment.nodes.realtime)
  await expect.poll(() => upgrade(), { timeout: 8_000 }).toBe('HTTP/1.1 503')
})

function freeze(...nodes: (EchoNode | undefined)[]) {
  for (const node of nodes) {
    if (!node?.pid) throw new Error('The node does not run')
    process.kill(node.pid, 'SIGSTOP')
    frozen = [...frozen, node]
  }
}

/** The nodes that answer so many requests. */
async function answeredBy(path: string, times: number): Promise<string[]> {
  const names = new Set<string>()
  for (let number = 0; number < times; number++) {
    const answer = await fetch(environment.url + path)
    if (answer.ok) names.add(((await answer.json()) as { name: string }).name)
  }
  return [...names].toSorted()
}

/** Whether two requests are both answered within so many milliseconds. */
async function askedInTime(path: string, ms: number): Promise<boolean> {
  const ask = () => fetch(environment.url + path, { signal: AbortSignal.timeout(ms) }).then(() => true)
  return Promise.all([ask(), ask()]).then(
    () => true,
    () => false,
  )
}

const post = (path: string) => fetch(environment.url + path, { method: 'POST', body: '{}' })

/**
 * The node that took a WebSocket, or its HTTP refusal; empty when nothing came within half a
 * second.
 */
function upgrade(): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(environment.url).port), '127.0.0.1')
    socket.setTimeout(500, () => socket.destroy())
    socket.write('GET /socket.io/ HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    let received = ''
    socket.on('error', () => {})
    socket.on('data', (bytes) => {
      received += bytes
      if (received.includes('X-Request-Id')) socket.destroy()
    })
    socket.once('close', () =>
      resolve(/X-Answered-By: (\S+)/.exec(received)?.[1] ?? received.slice(0, 'HTTP/1.1 503'.length)),
    )
  })
}
