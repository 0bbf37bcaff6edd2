import { usersApi } from '@finnigram/contracts'
import { expect, test } from 'vitest'
import { ApiProblem, createMemorySessionStorage, createMemoryStore, NetworkProblem } from '../src/index.ts'
import { startTestServer } from './small-server/start-small-server.ts'
import { eventually, isOnline, signIn, signUp, startDevice } from './start-device.ts'

test('nobody is signed in on a new device', async () => {
  await using server = await startTestServer()
  await using device = startDevice(server.url)
  expect(device.client.session.state).toEqual({ status: 'loading' })
  await eventually(() => device.client.session.state, { status: 'signedOut' })
})

test('validation errors name their fields', async () => {
  await using server = await startTestServer()
  await using device = startDevice(server.url)
  const short = device.client.session.register({
    username: 'ab',
    displayName: 'Ab',
    password: 'correct horse battery',
  })
  await expect(short).rejects.toMatchObject({
    code: 'validation_failed',
    errors: [{ path: 'body.username' }],
  })
  await expect(short).rejects.toBeInstanceOf(ApiProblem)
  const wrong = device.client.session.login({ identifier: 'ada', password: 'wrong horse' })
  await expect(wrong).rejects.toMatchObject({ code: 'invalid_credentials', status: 401 })
  expect(device.client.session.state.status).toBe('signedOut')
  server.faultOf = () => 'lost'
  await expect(device.client.session.login({ identifier: 'ada', password: 'x' })).rejects.toBeInstanceOf(
    NetworkProblem,
  )
})

test('many calls with an ended token wait for one refresh and then succeed', async () => {
  await using server = await startTestServer()
  await using ada = await signUp(server.url, 'ada')
  for (const token of server.sessions.access.keys()) server.sessions.expired.add(token)
  const before = server.sessions.refreshes
  const profiles = await Promise.all(Array.from({ length: 20 }, () => ada.client.api.getMe()))
  expect(profiles.every(({ username }) => username === 'ada')).toBe(true)
  expect(server.sessions.refreshes - before).toBe(1)
})

test('a wrong password is no matter of the token: it is tried once, and nothing is renewed', async () => {
  await using server = await startTestServer()
  await using ada = await signUp(server.url, 'ada')
  const before = server.sessions.refreshes
  const { session } = ada.client
  await expect(session.deleteAccount({ password: 'wrong horse' })).rejects.toMatchObject({
    code: 'invalid_credentials',
  })
  expect(server.sessions.refreshes).toBe(before)
  expect(session.state.status).toBe('signedIn')
  await session.deleteAccount({ password: 'correct horse battery' })
  expect(session.state.status).toBe('signedOut')
})

test('a token about to end is renewed before it is used', async () => {
  await using server = await startTestServer()
  server.sessions.expiresIn = 30
  await using ada = await signUp(server.url, 'ada')
  server.sessions.expiresIn = 900
  const before = server.sessions.refreshes
  await ada.client.api.getMe()
  await ada.client.api.getMe()
  expect(server.sessions.refreshes - before).toBeLessThanOrEqual(1)
})

test('a session that the server ended signs out and keeps what waits for the next sign-in', async () => {
  await using server = await startTestServer()
  await using ada = await signUp(server.url, 'ada')
  const { id } = await ada.client.conversations.createGroup({ title: 'us', userIds: [] })
  ada.network.set({ online: false })
  ada.client.messages(id).send({ text: 'unsent' })
  server.sessions.endAll()
  ada.network.set({ online: true })
  await eventually(() => ada.client.session.state, { status: 'signedOut' })
  expect(ada.client.conversations.list()).toEqual([])

  await ada.client.session.login({ identifier: 'ada', password: 'correct horse battery' })
  await eventually(() => server.state.conversations.get(id)?.messages.map(({ text }) => text), ['unsent'])
})

test('a network failure while refreshing does not sign out', async () => {
  await using server = await startTestServer()
  await using ada = await signUp(server.url, 'ada')
  server.faultOf = (path) => (path.endsWith('/refresh') ? 'lost' : undefined)
  for (const token of server.sessions.access.keys()) server.sessions.expired.add(token)
  await expect(ada.client.api.getMe()).rejects.toBeInstanceOf(NetworkProblem)
  server.faultOf = (path) => (path.endsWith('/refresh') ? 'unavailable' : undefined)
  await expect(ada.client.api.getMe()).rejects.toMatchObject({ code: 'unavailable' })
  expect(ada.client.session.state.status).toBe('signedIn')
  server.faultOf = () => undefined
  await ada.client.api.getMe()
})

test('two tabs share one session: neither burns the token of the other', async () => {
  await using server = await startTestServer()
  const shared = { store: createMemoryStore(), sessionStorage: createMemorySessionStorage() }
  await using first = await signUp(server.url, 'ada', shared)
  await using second = startDevice(server.url, shared)
  await isOnline(second)
  for (let round = 0; round < 3; round += 1) {
    for (const token of server.sessions.access.keys()) server.sessions.expired.add(token)
    await Promise.all([first, second, first, second].map(({ client }) => client.api.getMe()))
  }
  expect(server.sessions.refreshes).toBe(3)
  expect(second.client.session.state.user?.username).toBe('ada')
})

test('signing out wipes the device, also without a network', async () => {
  await using server = await startTestServer()
  await using ada = await signUp(server.url, 'ada')
  const userId = ada.client.session.state.user?.id ?? ''
  await ada.client.conversations.createGroup({ title: 'us', userIds: [] })
  server.faultOf = () => 'lost'
  await ada.client.session.logout()
  expect(ada.client.session.state).toEqual({ status: 'signedOut', byPerson: true })
  expect(await ada.sessionStorage.get('finnigram.session')).toBeNull()
  const left = await ada.store.open(userId)
  expect(await left.range('conversations')).toEqual([])
  expect(await left.range('meta')).toEqual([])
})

test('another person on the same device sees nothing of the one before', async () => {
  await using server = await startTestServer()
  server.state.addPerson('grace')
  await using ada = await signUp(server.url, 'ada')
  await ada.client.conversations.createGroup({ title: 'secret', userIds: [] })
  await ada.client.session.logout()
  await ada.client.session.login({ identifier: 'grace', password: 'correct horse battery' })
  await isOnline(ada)
  expect(ada.client.session.state.user?.username).toBe('grace')
  expect(ada.client.conversations.list()).toEqual([])
})

test('a session without stored profile asks for it and survives the server being away', async () => {
  await using server = await startTestServer()
  const ada = await signUp(server.url, 'ada')
  await ada.client.stop()
  server.faultOf = () => 'unavailable'
  await using again = startDevice(server.url, { sessionStorage: ada.sessionStorage })
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(again.client.session.state.status).toBe('loading')
  server.faultOf = () => undefined
  await eventually(() => again.client.session.state.user?.username, 'ada')
})

test('the profile changes here and on the server', async () => {
  await using server = await startTestServer()
  await using ada = await signUp(server.url, 'ada')
  let told = 0
  ada.client.session.subscribe(() => {
    told += 1
  })
  await ada.client.session.updateMe({ displayName: 'Ada L.' })
  expect(ada.client.session.state.user?.displayName).toBe('Ada L.')
  expect(told).toBe(1)
  expect((await ada.client.api.call(usersApi.getMe, {})).displayName).toBe('Ada L.')
})

test('a client that stopped can start again', async () => {
  await using server = await startTestServer()
  await using ada = await signIn(server.url, server.state.addPerson('ada').username)
  await ada.client.stop()
  expect(ada.client.connection.state).toBe('offline')
  ada.client.start()
  await isOnline(ada)
})
