import { afterEach, expect, test, vi } from 'vitest'
import {
  connectRealtime,
  NetworkProblem,
  type Realtime,
  type RealtimeState,
  type TokenSource,
} from '../src/index.ts'
import { usualTiming } from '../src/timing.ts'
import { startTestServer, type TestServer } from './small-server/start-small-server.ts'
import { eventually, switchedNetwork } from './start-device.ts'

const quick = { ...usualTiming, retryBaseMs: 20, retryMaxMs: 100, firstTryMs: 20 }
let open: Realtime | null = null
afterEach(() => {
  vi.restoreAllMocks()
  open?.stop()
})

function connect(server: TestServer, tokens: TokenSource, timing = quick) {
  const states: RealtimeState[] = []
  const network = switchedNetwork()
  const realtime = connectRealtime({
    baseUrl: server.url,
    tokens,
    handlers: {},
    network,
    timing,
    onState: (state) => states.push(state),
  })
  open = realtime
  return { realtime, states, network }
}

function someone(server: TestServer) {
  const { password: _, ...user } = server.state.addPerson('ada')
  const begin = () => server.sessions.begin(user).accessToken
  const tokens = { token: begin(), renewed: 0 }
  const source: TokenSource = {
    current: async () => tokens.token,
    renew: async () => {
      tokens.renewed += 1
      tokens.token = begin()
      return tokens.token
    },
  }
  return { tokens, source }
}

test('a token that has ended is renewed once and the socket let in', async () => {
  await using server = await startTestServer()
  const { tokens, source } = someone(server)
  server.sessions.expired.add(tokens.token)
  const { realtime } = connect(server, source)
  await eventually(() => realtime.state, 'ready')
  expect(tokens.renewed).toBe(1)
  expect(server.sockets.handshakes).toBe(2)
})

test('a request over a socket that died during sleep fails at once, not at its timeout', async () => {
  await using server = await startTestServer()
  const { realtime } = connect(server, someone(server).source)
  await eventually(() => realtime.state, 'ready')
  const asleepForMs = 3_600_000
  const now = vi
    .spyOn(Date, 'now')
    .mockImplementation(() => performance.timeOrigin + performance.now() + asleepForMs)
  const asked = performance.now()
  await expect(realtime.request('away', {})).rejects.toThrow(NetworkProblem)
  now.mockRestore()
  expect(performance.now() - asked).toBeLessThan(usualTiming.ackTimeoutMs / 2)
  await eventually(() => realtime.state, 'ready')
  await realtime.request('away', {})
})

test('a session that is over ends the trying', async () => {
  await using server = await startTestServer()
  const { realtime } = connect(server, { current: async () => 'nobody', renew: async () => null })
  await eventually(() => realtime.state, 'signedOut')
  const { handshakes } = server.sockets
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(server.sockets.handshakes).toBe(handshakes)
})

test('a server that refuses every token is tried with growing waits, not in a loop', async () => {
  await using server = await startTestServer()
  const { tokens, source } = someone(server)
  server.sockets.refuse = true
  const { realtime } = connect(server, source, { ...quick, retryBaseMs: 100, retryMaxMs: 1_000 })
  await new Promise((resolve) => setTimeout(resolve, 400))
  await eventually(() => realtime.state, 'waiting')
  expect(server.sockets.handshakes).toBeLessThan(25)
  expect(tokens.renewed).toBe(0)
})

test('a server that refuses with a Retry-After is not tried before', async () => {
  await using server = await startTestServer()
  const { source } = someone(server)
  Object.assign(server.sockets, { refuse: true, retryAfterMs: 60_000 })
  const { realtime, network } = connect(server, source)
  await eventually(() => realtime.state, 'waiting')
  await new Promise((resolve) => setTimeout(resolve, 400))
  expect(server.sockets.handshakes).toBe(1)
  server.sockets.refuse = false
  network.set({ online: true })
  await eventually(() => realtime.state, 'ready')
})

test('a server that accepts and drops at once is not tried in a loop either', async () => {
  await using server = await startTestServer()
  const { source } = someone(server)
  server.sockets.io.on('connection', (socket) => setTimeout(() => socket.disconnect(true), 5))
  const { realtime } = connect(server, source, { ...quick, retryBaseMs: 200, retryMaxMs: 5_000 })
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  expect(server.sockets.handshakes).toBeLessThan(25)
  realtime.stop()
})

test('the network coming back cuts the wait short', async () => {
  await using server = await startTestServer()
  const { source } = someone(server)
  const { realtime, network } = connect(server, source, { ...quick, firstTryMs: 0, retryMaxMs: 60_000 })
  await eventually(() => realtime.state, 'ready')
  network.set({ online: false })
  await eventually(() => realtime.state, 'waiting')
  network.set({ online: true })
  await eventually(() => realtime.state, 'ready')
})

test('a server without a word of ready is given up', async () => {
  await using server = await startTestServer()
  const { source } = someone(server)
  server.sockets.io.removeAllListeners('connection')
  const { states } = connect(server, source, { ...quick, connectTimeoutMs: 200 })
  await eventually(() => server.sockets.handshakes > 1, true)
  expect(states).not.toContain('ready')
})

test('before its token expires the next one is sent, and the socket stays', async () => {
  await using server = await startTestServer()
  const { tokens, source } = someone(server)
  server.sockets.tokenEndsInMs = 1
  const { realtime } = connect(server, source)
  await eventually(() => server.sockets.authorised.length, 1)
  expect(server.sockets.authorised).toEqual([tokens.token])
  expect(tokens.renewed).toBe(1)
  expect(realtime.state).toBe('ready')
  expect(server.sockets.handshakes).toBe(1)
})

test('requests are never kept for later', async () => {
  await using server = await startTestServer()
  const { source } = someone(server)
  const { realtime } = connect(server, source)
  await expect(realtime.request('back', {})).rejects.toBeInstanceOf(NetworkProblem)
  await eventually(() => realtime.state, 'ready')
  await realtime.request('back', {})
  const refused = realtime.request('read', { conversationId: 'none', seq: 1 })
  await expect(refused).rejects.toMatchObject({ code: 'not_found' })
  realtime.stop()
  await expect(realtime.request('back', {})).rejects.toBeInstanceOf(NetworkProblem)
  expect(realtime.state).toBe('stopped')
})

test('after a link was lost the first try comes within the time the server said last', async () => {
  await using server = await startTestServer()
  const { source } = someone(server)
  server.sockets.comebackWithinMs = 20
  const { realtime } = connect(server, source, { ...quick, firstTryMs: 600_000 })
  await eventually(() => realtime.state, 'ready')
  server.sockets.dropAll()
  await eventually(() => server.sockets.handshakes, 2)
  await eventually(() => realtime.state, 'ready')

  server.sockets.comebackWithinMs = 600_000
  server.sockets.dropAll()
  await eventually(() => server.sockets.handshakes, 3)
  await eventually(() => realtime.state, 'ready')
  server.sockets.io.emit('crowd', { comebackWithinMs: 20 })
  server.sockets.dropAll()
  await eventually(() => server.sockets.handshakes, 4)
})
