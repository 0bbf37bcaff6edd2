import 'fake-indexeddb/auto'
import { newId } from '@finnigram/contracts'
import { openDB } from 'idb'
import { expect, test } from 'vitest'
import { createIndexedDbStore, createMemorySessionStorage } from '../src/index.ts'
import { startTestServer } from './small-server/start-small-server.ts'
import { eventually, isOnline, signUp, startDevice, textsOf } from './start-device.ts'

let browsers = 0

async function twoTabs() {
  browsers += 1
  const server = await startTestServer()
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
    sent: () => server.state.conversations.get(id)?.messages.map(({ text }) => text),
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

test('P2, P4: two tabs that come back with the same queue send it once and in order', async () => {
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

/** A database as versions of the app before drafts had a time and profiles a version left it. */
async function olderDatabase(name: string, rows: Record<string, [key: string, value: unknown][]>) {
  const tables = ['conversations', 'messages', 'outbox', 'drafts', 'reads', 'users', 'meta']
  const database = await openDB(name, 1, {
    upgrade(made) {
      for (const table of tables) made.createObjectStore(table)
    },
  })
  for (const [table, kept] of Object.entries(rows))
    for (const [key, value] of kept) await database.put(table, { value }, key)
  database.close()
}

test('what an older version of the app left is opened: its messages go out, its draft and its names stay', async () => {
  await using server = await startTestServer()
  const sessionStorage = createMemorySessionStorage()
  const before = await signUp(server.url, 'ada', { sessionStorage })
  const { user: me } = before.client.session.state
  if (!me) throw new Error('Nobody is signed in')
  const { version: _, ...olderMe } = me
  const { id } = await before.client.conversations.createGroup({ title: 'us', userIds: [] })
  const kept = await before.client.api.getConversation(id)
  await before.client.stop()
  const userId = me.id
  const outbox = ['one', 'two'].map((text, index): [string, unknown] => {
    const entry = { id: newId(), conversationId: id, order: index + 1, text, state: 'waiting' }
    return [entry.id, { ...entry, createdAt: new Date().toISOString() }]
  })
  const grace = { ...olderMe, id: newId(), username: 'grace', displayName: 'Grace' }
  await olderDatabase(`older-${userId}`, {
    conversations: [[id, { conversation: kept, historyStart: null }]],
    outbox,
    drafts: [[id, { conversationId: id, text: 'half a thought' }]],
    users: [[grace.id, grace]],
    meta: [['me', olderMe]],
  })

  server.faultOf = () => 'lost'
  const store = createIndexedDbStore('older')
  await using after = startDevice(server.url, { store, sessionStorage })
  await eventually(() => after.client.conversations.get(id)?.pendingCount, 2)
  expect(after.client.conversations.get(id)?.draft).toBe('half a thought')
  expect(after.client.people.get(grace.id)?.displayName).toBe('Grace')
  expect(textsOf(after, id)).toEqual(['one', 'two'])

  server.faultOf = () => undefined
  await isOnline(after)
  const record = server.state.conversations.get(id)
  await eventually(() => record?.messages.map(({ text }) => text), ['one', 'two'])
  await eventually(() => record && server.state.toConversation(record, userId).me.draft, 'half a thought')
  await eventually(() => after.client.conversations.get(id)?.pendingCount, 0)
})
