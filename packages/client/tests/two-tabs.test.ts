import 'fake-indexeddb/auto'
import { expect, test } from 'vitest'
import { createIndexedDbStore, createMemorySessionStorage } from '../src/index.ts'
import { startSmallServer } from './small-server/start-small-server.ts'
import { eventually, isOnline, signUp, startDevice, textsOf } from './start-device.ts'

let browsers = 0

async function twoTabs() {
  browsers += 1
  const server = await startSmallServer()
  const shared = {
    store: createIndexedDbStore(`tabs-${browsers}`),
    sessionStorage: createMemorySessionStorage(),
  }
  const first = await signUp(server.url, 'ada', shared)
  const { id } = await first.client.conversations.createGroup({ title: 'us', userIds: [] })
  const second = startDevice(server.url, shared)
  await isOnline(second)
  await eventually(() => second.client.conversations.get(id)?.id, id)
  return {
    server,
    first,
    second,
    id,
    shared,
    sent: () => server.world.rooms.get(id)?.messages.map(({ text }) => text),
    async [Symbol.asyncDispose]() {
      await first.client.stop()
      await second.client.stop()
      await server[Symbol.asyncDispose]()
    },
  }
}

test('a message written in one tab shows in the other, once', async () => {
  await using all = await twoTabs()
  const { first, second, id } = all
  first.client.messages(id).send({ text: 'from the first' })
  await eventually(() => textsOf(second, id), ['from the first'])
  second.client.messages(id).send({ text: 'from the second' })
  await eventually(() => textsOf(first, id), ['from the first', 'from the second'])
  expect([...first.errors, ...second.errors]).toEqual([])
})

test('what a closed tab left behind is sent by the other, once', async () => {
  await using all = await twoTabs()
  const { server, first, second, id, sent } = all
  first.network.set({ online: false })
  server.faultOf = (path) => (path.endsWith('/messages') ? 'lost' : undefined)
  for (const text of ['one', 'two']) first.client.messages(id).send({ text })
  await eventually(() => first.client.conversations.get(id)?.pendingCount, 2)
  await first.client.stop()
  server.faultOf = () => undefined
  server.sockets.dropAll()
  await eventually(sent, ['one', 'two'])
  await eventually(() => textsOf(second, id), ['one', 'two'])
  await eventually(() => second.client.conversations.get(id)?.pendingCount, 0)
})

test('two tabs that come back with the same queue send it once and in order', async () => {
  await using all = await twoTabs()
  const { server, first, second, id, shared, sent } = all
  await second.client.stop()
  first.network.set({ online: false })
  const texts = Array.from({ length: 10 }, (_, index) => `number ${index}`)
  for (const text of texts) first.client.messages(id).send({ text })
  await first.client.stop()
  await server.close()
  await server.open()
  await using one = startDevice(server.url, shared)
  await using two = startDevice(server.url, shared)
  await Promise.all([isOnline(one), isOnline(two)])
  await eventually(sent, texts)
  await eventually(() => textsOf(one, id), texts)
  await eventually(() => textsOf(two, id), texts)
})

test('signing out in one tab signs out the other, and nothing stays on the disk', async () => {
  await using all = await twoTabs()
  const { server, first, second, shared } = all
  const userId = first.client.session.state.user?.id ?? ''
  await first.client.session.logout()
  server.sessions.endAll()
  server.sockets.dropAll()
  await eventually(() => second.client.session.state.status, 'signedOut')
  const left = await shared.store.open(userId)
  await eventually(() => second.client.conversations.list(), [])
  expect(await left.range('conversations')).toEqual([])
  await left.close()
})
