import { busUnavailableReason } from '@finnigram/contracts'
import { expect, test } from 'vitest'
import { startTestServer } from './small-server/start-small-server.ts'
import { eventually, idOf, isOnline, signIn, signUp, startDevice, textsOf } from './start-device.ts'

async function aGroup() {
  const server = await startTestServer()
  const ada = await signUp(server.url, 'ada')
  const grace = server.state.addPerson('grace')
  const { id } = await ada.client.conversations.createGroup({ title: 'us', userIds: [grace.id] })
  const record = server.state.conversations.get(id)
  if (!record) throw new Error('The group is missing')
  const say = (text: string) => server.state.send(record, grace.id, { id: crypto.randomUUID(), text })
  return {
    server,
    serverState: server.state,
    ada,
    grace,
    id,
    record,
    say,
    async [Symbol.asyncDispose]() {
      await ada.client.stop()
      await server[Symbol.asyncDispose]()
    },
  }
}

test('P5: frames that were lost on the way are fetched when the next one shows the gap', async () => {
  await using all = await aGroup()
  const { server, ada, id, say } = all
  server.sockets.silent = true
  for (let number = 0; number < 5; number += 1) say(`lost ${number}`)
  server.sockets.silent = false
  say('seen')
  await eventually(() => textsOf(ada, id), ['lost 0', 'lost 1', 'lost 2', 'lost 3', 'lost 4', 'seen'])
  expect(ada.client.conversations.get(id)?.me.unreadCount).toBe(6)
})

test('an absence of many events is caught up with, page by page, before the state says online', async () => {
  await using all = await aGroup()
  const { ada, id, say } = all
  ada.network.set({ online: false })
  for (let number = 0; number < 130; number += 1) say(`away ${number}`)
  ada.network.set({ online: true })
  await isOnline(ada)
  expect(ada.client.conversations.get(id)).toMatchObject({ lastSeq: 130, me: { unreadCount: 130 } })
  const messages = ada.client.messages(id)
  await eventually(() => messages.snapshot().items.length >= 50, true)
  while (messages.snapshot().hasBefore) await messages.loadBefore()
  while (messages.snapshot().hasAfter) await messages.loadAfter()
  expect(messages.snapshot().items.map(({ seq }) => seq)).toEqual(
    Array.from({ length: 130 }, (_, index) => index + 1),
  )
})

test('the server asks for a sync', async () => {
  await using all = await aGroup()
  const { server, ada, id, say } = all
  server.sockets.silent = true
  say('missed')
  server.sockets.io.emit('resync', { reason: 'test' })
  await eventually(() => textsOf(ada, id), ['missed'])
})

test('a server whose event bus is unavailable shows as delayed, until the bus is back', async () => {
  await using all = await aGroup()
  const { server, ada, id, say } = all
  server.sockets.silent = true
  say('missed')
  server.sockets.io.emit('resync', { reason: busUnavailableReason })
  await eventually(() => ada.client.connection.state, 'delayed')
  await eventually(() => textsOf(ada, id), ['missed'])
  expect(ada.client.connection.state).toBe('delayed')
  server.sockets.io.emit('resync', { reason: 'it hears again' })
  await isOnline(ada)
})

test('messages still arrive while the socket cannot connect', async () => {
  await using all = await aGroup()
  const { server, ada, id, say } = all
  server.sockets.refuse = true
  server.sockets.dropAll()
  await eventually(() => ada.client.connection.state, 'connecting')
  say('polled')
  await eventually(() => textsOf(ada, id), ['polled'])
  expect(ada.client.connection.state).toBe('connecting')
})

test('goodbye is obeyed: the client comes back after the Retry-After', async () => {
  await using all = await aGroup()
  const { server, ada } = all
  const before = server.sockets.handshakes
  server.sockets.io.emit('goodbye', { retryAfterMs: 1_500 })
  server.sockets.dropAll()
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(server.sockets.handshakes).toBe(before)
  await isOnline(ada)
  expect(server.sockets.handshakes).toBe(before + 1)
})

test('edits, deletions and reactions reach messages that are not on screen', async () => {
  await using all = await aGroup()
  const { serverState, record, ada, grace, id, say } = all
  for (let number = 1; number <= 3; number += 1) say(`number ${number}`)
  await eventually(() => ada.client.conversations.get(id)?.lastSeq, 3)
  serverState.edit(record, 1, 'changed')
  serverState.delete(record, 2)
  serverState.react(record, grace.id, { seq: 3, emoji: '👍' })
  await eventually(() => ada.client.conversations.get(id)?.version, record.events.length)
  await eventually(() => ada.client.messages(id).snapshot().items, record.messages)
  expect(ada.client.conversations.get(id)).toMatchObject(serverState.toConversation(record, idOf(ada)))
})

test('people come and go', async () => {
  await using all = await aGroup()
  const { serverState, record, ada, grace, id } = all
  const linus = serverState.addPerson('linus')
  serverState.addMember(record, grace.id, linus.id)
  await eventually(
    () =>
      ada.client.conversations
        .get(id)
        ?.participants.map(({ user }) => user.username)
        .sort(),
    ['ada', 'grace', 'linus'],
  )
  serverState.removeMember(record, grace.id, linus.id)
  await eventually(() => ada.client.conversations.get(id)?.participantCount, 2)
  await ada.client.conversations.rename(id, 'them')
  expect(ada.client.conversations.get(id)?.displayTitle).toBe('them')
  serverState.removeMember(record, grace.id, idOf(ada))
  await eventually(() => ada.client.conversations.list(), [])
})

test('a person who is added sees the conversation at once, and is gone from it while away', async () => {
  await using all = await aGroup()
  const { server, serverState, record, grace, id, say } = all
  say('before your time')
  await using linus = await signUp(server.url, 'linus')
  serverState.addMember(record, grace.id, idOf(linus))
  await eventually(() => linus.client.conversations.get(id)?.me.unreadCount, 0)
  say('welcome')
  await eventually(() => textsOf(linus, id), ['welcome'])
  expect(linus.client.messages(id).snapshot()).toMatchObject({ hasBefore: false })
  expect(linus.client.conversations.get(id)?.me.unreadCount).toBe(1)

  linus.network.set({ online: false })
  serverState.removeMember(record, grace.id, idOf(linus))
  linus.network.set({ online: true })
  await eventually(() => linus.client.conversations.list(), [])
})

test('unsent texts of a group outlive it, over a restart too, until they are discarded', async () => {
  await using all = await aGroup()
  const { server, serverState, record, grace, id } = all
  const linus = await signUp(server.url, 'linus')
  serverState.addMember(record, grace.id, idOf(linus))
  await eventually(() => linus.client.conversations.get(id)?.id, id)
  linus.network.set({ online: false })
  server.faultOf = (path, method) => (method === 'GET' || path.includes('sync') ? undefined : 'lost')
  linus.client.messages(id).send({ text: 'one' })
  linus.client.messages(id).send({ text: 'two' })
  linus.client.conversations.setDraft(id, 'and three')
  serverState.removeMember(record, grace.id, idOf(linus))
  linus.network.set({ online: true })
  await eventually(() => linus.client.conversations.list(), [])
  const title = all.ada.client.conversations.get(id)?.displayTitle ?? ''
  const unsent = [{ conversationId: id, title, texts: ['one', 'two', 'and three'] }]
  expect(linus.client.conversations.unsent()).toEqual(unsent)

  await linus.client.stop()
  await using again = startDevice(server.url, linus)
  await eventually(() => again.client.conversations.unsent(), unsent)
  again.client.conversations.discardUnsent(id)
  await eventually(() => again.client.conversations.unsent(), [])
})

test('stored messages are there at once after a restart, without a server', async () => {
  const all = await aGroup()
  const { server, ada, id, say } = all
  say('kept')
  await eventually(() => ada.client.conversations.get(id)?.lastSeq, 1)
  await ada.client.stop()
  await server.close()

  await using again = startDevice(server.url, ada)
  await eventually(() => textsOf(again, id), ['kept'])
  expect(again.client.connection.state).not.toBe('online')
})

test('history that is not kept any more is dropped and read anew, never shown with a hole', async () => {
  await using all = await aGroup()
  const { record, ada, id, say } = all
  for (let number = 1; number <= 3; number += 1) say(`old ${number}`)
  ada.client.messages(id).subscribe(() => undefined)
  await eventually(() => textsOf(ada, id).length, 3)
  ada.network.set({ online: false })
  for (let number = 1; number <= 80; number += 1) say(`new ${number}`)
  record.compacted = record.events.length - 5
  ada.network.set({ online: true })
  await isOnline(ada)
  const messages = ada.client.messages(id)
  await eventually(() => messages.snapshot().items.length > 30, true)
  while (messages.snapshot().hasBefore) await messages.loadBefore()
  while (messages.snapshot().hasAfter) await messages.loadAfter()
  expect(messages.snapshot().items.map(({ seq }) => seq)).toEqual(
    Array.from({ length: 83 }, (_, index) => index + 1),
  )
})

test('a gap whose events are compacted resets the conversation', async () => {
  await using all = await aGroup()
  const { server, record, ada, id, say } = all
  server.sockets.silent = true
  for (let number = 1; number <= 10; number += 1) say(`lost ${number}`)
  record.compacted = record.events.length
  server.sockets.silent = false
  say('last')
  await eventually(() => ada.client.conversations.get(id)?.lastSeq, 11)
  await eventually(() => textsOf(ada, id).length, 11)
})

test('500 messages are read back page by page, each once and in order', async () => {
  await using all = await aGroup()
  const { server, ada, id, say } = all
  await ada.client.stop()
  for (let number = 1; number <= 500; number += 1) say(`number ${number}`)
  await using fresh = await signIn(server.url, 'ada')
  const messages = fresh.client.messages(id)
  await eventually(() => messages.snapshot().items.length > 0 && !messages.snapshot().loadingBefore, true)
  let pages = 0
  for (; messages.snapshot().hasBefore; pages += 1) await messages.loadBefore()
  for (; messages.snapshot().hasAfter; pages += 1) await messages.loadAfter()
  expect(pages).toBeLessThan(12)
  expect(messages.snapshot().items.map(({ seq }) => seq)).toEqual(
    Array.from({ length: 500 }, (_, index) => index + 1),
  )
  const reads = server.requests.filter(
    (request) => request.startsWith('GET') && request.endsWith('/messages'),
  ).length
  await fresh.client.stop()

  await using again = startDevice(server.url, fresh)
  await eventually(() => textsOf(again, id).length >= 50, true)
  while (again.client.messages(id).snapshot().hasBefore) await again.client.messages(id).loadBefore()
  while (again.client.messages(id).snapshot().hasAfter) await again.client.messages(id).loadAfter()
  expect(textsOf(again, id).length).toBe(500)
  expect(
    server.requests.filter((request) => request.startsWith('GET') && request.endsWith('/messages')).length,
  ).toBe(reads)
})

test('a page of history that was on its way while a message was deleted shows it deleted', async () => {
  await using all = await aGroup()
  const { server, serverState, record, ada, id, say } = all
  await ada.client.stop()
  for (let number = 1; number <= 60; number += 1) say(`number ${number}`)
  await using fresh = await signIn(server.url, 'ada')
  const messages = fresh.client.messages(id)
  server.beforeAnswer = async (path) => {
    if (!path.endsWith('/messages')) return
    server.beforeAnswer = async () => undefined
    serverState.delete(record, 40)
    await eventually(() => fresh.client.conversations.get(id)?.version, record.events.length)
  }
  await eventually(() => messages.snapshot().items.length > 30 && !messages.snapshot().loadingBefore, true)
  expect(messages.snapshot().items.find(({ seq }) => seq === 40)).toMatchObject({
    text: null,
    deletedAt: expect.any(String),
  })
})
