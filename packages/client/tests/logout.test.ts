import { expect, test } from 'vitest'
import { createMemorySessionStorage, createMemoryStore } from '../src/index.ts'
import { startTestServer, type TestServer } from './small-server/start-small-server.ts'
import { type Device, eventually, isOnline, signUp, startDevice } from './start-device.ts'

const sessionsOf = ({ sessions }: TestServer) => sessions.refresh.size
const waiting = async ({ sessionStorage }: Device) => {
  const slots = Array.from({ length: 20 }, (_, index) => sessionStorage.get(`finnigram.logout.${index}`))
  return (await Promise.all(slots)).filter((text) => text !== null)
}
const signedOut = { status: 'signedOut', byPerson: true } as const

test('a session that was signed out of offline ends at the next connection', async () => {
  await using server = await startTestServer()
  await using ada = await signUp(server.url, 'ada')
  ada.network.set({ online: false })
  server.faultOf = () => 'lost'
  await ada.client.session.logout()
  expect(ada.client.session.state).toEqual(signedOut)
  expect(sessionsOf(server)).toBe(1)
  const [kept = ''] = await waiting(ada)
  expect(Object.keys(JSON.parse(kept))).toEqual(['refreshToken', 'at'])

  server.faultOf = () => undefined
  ada.network.set({ online: true })
  await eventually(() => sessionsOf(server), 0)
  await expect.poll(() => waiting(ada)).toEqual([])
})

test('it ends after a restart, too, and after its access token has ended', async () => {
  await using server = await startTestServer()
  const ada = await signUp(server.url, 'ada')
  for (const token of server.sessions.access.keys()) server.sessions.expired.add(token)
  server.faultOf = () => 'lost'
  await ada.client.session.logout()
  await ada.client.stop()
  server.faultOf = () => undefined
  await using again = startDevice(server.url, { sessionStorage: ada.sessionStorage })
  await eventually(() => sessionsOf(server), 0)
  await expect.poll(() => waiting(again)).toEqual([])
  expect(again.client.session.state).toEqual({ status: 'signedOut' })
})

test('a busy server is asked again, whatever part of the answer was lost', async () => {
  await using server = await startTestServer()
  await using ada = await signUp(server.url, 'ada')
  const faults = ['unavailable', 'unavailable', 'unanswered', 'unavailable'] as const
  let asked = 0
  server.faultOf = (path) => (/logout|refresh/.test(path) ? faults[asked++] : undefined)
  await ada.client.session.logout()
  expect(ada.client.session.state).toEqual(signedOut)
  await eventually(() => sessionsOf(server), 0)
  await expect.poll(() => waiting(ada)).toEqual([])
})

test('the device is wiped at once, while the server does not answer', async () => {
  await using server = await startTestServer()
  await using ada = await signUp(server.url, 'ada')
  const userId = ada.client.session.state.user?.id ?? ''
  await ada.client.conversations.createGroup({ title: 'us', userIds: [] })
  let answer = () => {}
  server.beforeAnswer = () => new Promise((resolve) => (answer = resolve))
  const leaving = ada.client.session.logout()
  await eventually(() => ada.client.session.state, signedOut)
  const left = await ada.store.open(userId)
  expect([...(await left.range('conversations')), ...(await left.range('meta'))]).toEqual([])
  server.beforeAnswer = async () => undefined
  answer()
  await leaving
  expect(await waiting(ada)).toEqual([])
})

test('another person signs in meanwhile, and keeps their session', async () => {
  await using server = await startTestServer()
  server.state.addPerson('grace')
  await using ada = await signUp(server.url, 'ada')
  server.faultOf = (path) => (/logout|refresh/.test(path) ? 'lost' : undefined)
  await ada.client.session.logout()
  await ada.client.session.login({ identifier: 'grace', password: 'correct horse battery' })
  await isOnline(ada)
  expect(sessionsOf(server)).toBe(2)
  server.faultOf = () => undefined
  await eventually(() => sessionsOf(server), 1)
  await expect.poll(() => waiting(ada)).toEqual([])
  expect((await ada.client.api.getMe()).username).toBe('grace')
})

test('tokens that are dead, too old or damaged are dropped, and the newest eight are kept', async () => {
  await using server = await startTestServer()
  const sessionStorage = createMemorySessionStorage()
  const old = { refreshToken: 'refresh-old', at: Date.now() - 31 * 24 * 3_600_000 }
  await sessionStorage.set('finnigram.logout.0', JSON.stringify(old))
  await sessionStorage.set('finnigram.logout.1', JSON.stringify({ refreshToken: 'dead', at: Date.now() }))
  await sessionStorage.set('finnigram.logout.2', '{')
  await using device = startDevice(server.url, { sessionStorage })
  await expect.poll(() => waiting(device)).toEqual(['{'])
  expect(server.requests).toEqual(['POST /v1/auth/refresh'])

  server.faultOf = (path) => (/logout|refresh/.test(path) ? 'lost' : undefined)
  for (let count = 0; count < 10; count += 1) {
    await device.client.session.register({
      username: `p${count}00`,
      displayName: 'P',
      password: 'correct horse battery',
    })
    await device.client.session.logout()
  }
  const kept = (await waiting(device)).map((text) => JSON.parse(text).refreshToken)
  expect(kept.sort()).toEqual(['refresh-10', ...[3, 4, 5, 6, 7, 8, 9].map((count) => `refresh-${count}`)])
})

test('two tabs end what a third left behind, and nothing else', async () => {
  await using server = await startTestServer()
  const shared = { store: createMemoryStore(), sessionStorage: createMemorySessionStorage() }
  const ada = await signUp(server.url, 'ada', shared)
  server.faultOf = () => 'lost'
  await ada.client.session.logout()
  await ada.client.stop()
  server.faultOf = () => undefined
  await using grace = await signUp(server.url, 'grace', { sessionStorage: createMemorySessionStorage() })
  await using _one = startDevice(server.url, shared)
  await using two = startDevice(server.url, shared)
  await eventually(() => sessionsOf(server), 1)
  await expect.poll(() => waiting(two)).toEqual([])
  expect((await grace.client.api.getMe()).username).toBe('grace')
})

test('signing out in one tab signs out the other at once, also without a network', async () => {
  await using server = await startTestServer()
  const shared = { store: createMemoryStore(), sessionStorage: createMemorySessionStorage() }
  await using first = await signUp(server.url, 'ada', shared)
  await using second = startDevice(server.url, shared)
  await isOnline(second)
  for (const { network } of [first, second]) network.set({ online: false })
  server.faultOf = () => 'lost'
  await first.client.session.logout()
  await eventually(() => second.client.session.state, signedOut)
})

test('a refresh that ends after another tab signed out brings no session back', async () => {
  await using server = await startTestServer()
  const store = createMemoryStore()
  const { get, set, remove } = createMemorySessionStorage()
  // The other tab has not heard of it yet.
  const shared = { store, sessionStorage: { get, set, remove } }
  await using first = await signUp(server.url, 'ada', shared)
  await using second = startDevice(server.url, shared)
  await isOnline(second)
  let answer = () => {}
  server.beforeAnswer = (path) =>
    path.endsWith('/refresh') ? new Promise((resolve) => (answer = resolve)) : Promise.resolve()
  for (const token of server.sessions.access.keys()) server.sessions.expired.add(token)
  const asking = second.client.api.getMe().catch((error: unknown) => error)
  await eventually(() => server.requests.includes('POST /v1/auth/refresh'), true)
  server.faultOf = (path) => (path.endsWith('/logout') ? 'lost' : undefined)
  void first.client.session.logout()
  await eventually(() => first.client.session.state, signedOut)
  server.beforeAnswer = () => Promise.resolve()
  answer()
  await asking
  await eventually(() => second.client.session.state, signedOut)
  expect(await get('finnigram.session')).toBeNull()
})

test('a tab that is just starting while another signs out stays outside, and keeps nothing', async () => {
  await using server = await startTestServer()
  const sessionStorage = createMemorySessionStorage()
  await using first = await signUp(server.url, 'ada', { sessionStorage })
  const userId = first.client.session.state.user?.id ?? ''
  let answer = () => {}
  server.beforeAnswer = (path, method) =>
    method === 'GET' && path === '/v1/users/me'
      ? new Promise((resolve) => (answer = resolve))
      : Promise.resolve()
  server.requests.length = 0
  await using second = startDevice(server.url, { sessionStorage })
  const states: string[] = []
  second.client.session.subscribe(() => states.push(second.client.session.state.status))
  await eventually(() => server.requests.includes('GET /v1/users/me'), true)
  await first.client.session.logout()
  await eventually(() => states, ['signedOut'])
  answer()
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(states).toEqual(['signedOut'])
  expect(await (await second.store.open(userId)).range('meta')).toEqual([])
})
