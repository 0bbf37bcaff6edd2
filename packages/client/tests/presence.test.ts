import { expect, test } from 'vitest'
import { startTestServer } from './small-server/start-small-server.ts'
import { eventually, idOf, isOnline, signUp } from './start-device.ts'

test('writing shows on the other side, and ends with the message', async () => {
  await using server = await startTestServer()
  await using ada = await signUp(server.url, 'ada')
  await using grace = await signUp(server.url, 'grace')
  const { id } = await ada.client.conversations.createDirect(idOf(grace))
  await eventually(() => grace.client.conversations.get(id)?.id, id)
  ada.client.typing(id).notify()
  await eventually(() => grace.client.typing(id).snapshot(), [idOf(ada)])
  expect(grace.client.conversations.get(id)?.typing).toEqual([idOf(ada)])
  expect(ada.client.typing(id).snapshot()).toEqual([])
  ada.client.messages(id).send({ text: 'done' })
  await eventually(() => grace.client.typing(id).snapshot(), [])
})

test('notices are throttled, and dropped while the socket is away', async () => {
  await using server = await startTestServer()
  await using ada = await signUp(server.url, 'ada')
  await using grace = await signUp(server.url, 'grace')
  const { id } = await ada.client.conversations.createDirect(idOf(grace))
  await eventually(() => grace.client.conversations.get(id)?.id, id)
  let told = 0
  server.sockets.io.on('connection', () => undefined)
  for (const socket of server.sockets.io.sockets.sockets.values()) {
    socket.on('typing', () => {
      told += 1
    })
  }
  for (let key = 0; key < 20; key += 1) ada.client.typing(id).notify()
  await eventually(() => grace.client.typing(id).snapshot().length, 1)
  expect(told).toBe(1)
  ada.network.set({ online: false })
  ada.client.typing(id).notify()
  ada.network.set({ online: true })
  await isOnline(ada)
  expect(told).toBe(1)
})

test('presence is known of watched people, and unknown without a socket', async () => {
  await using server = await startTestServer()
  await using ada = await signUp(server.url, 'ada')
  await using grace = await signUp(server.url, 'grace')
  const { presence } = ada.client
  expect(presence.get(idOf(grace)).status).toBe('unknown')
  const unwatch = presence.watch([idOf(grace)])
  await eventually(() => presence.get(idOf(grace)).status, 'online')
  ada.network.set({ online: false })
  await eventually(() => presence.get(idOf(grace)).status, 'unknown')
  ada.network.set({ online: true })
  await eventually(() => presence.get(idOf(grace)).status, 'online')
  unwatch()
  expect(presence.get(idOf(grace)).status).toBe('unknown')
})

test('a socket that died without a word is noticed when the app comes to the front', async () => {
  await using server = await startTestServer()
  await using ada = await signUp(server.url, 'ada', { timing: { heartbeatTimeoutMs: 100 } })
  ada.network.set({ foreground: false })
  const before = server.sockets.handshakes
  for (const socket of server.sockets.io.sockets.sockets.values()) socket.removeAllListeners('back')
  ada.network.set({ foreground: true })
  await eventually(() => server.sockets.handshakes, before + 1)
  await isOnline(ada)
})
