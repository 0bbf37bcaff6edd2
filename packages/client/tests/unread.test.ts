import { expect, test } from 'vitest'
import { startSmallServer } from './small-server/start-small-server.ts'
import { eventually, idOf, isOnline, signIn, signUp, startDevice } from './start-device.ts'

async function aChat() {
  const server = await startSmallServer()
  const ada = await signUp(server.url, 'ada')
  const grace = server.world.addPerson('grace')
  const { id } = await ada.client.conversations.createDirect(grace.id)
  const room = server.world.rooms.get(id)
  if (!room) throw new Error('The chat is missing')
  const say = (...texts: string[]) => {
    for (const text of texts) server.world.send(room, grace.id, { id: crypto.randomUUID(), text })
  }
  const unread = () => ada.client.conversations.get(id)?.me.unreadCount
  return {
    server,
    world: server.world,
    ada,
    grace,
    id,
    room,
    say,
    unread,
    async [Symbol.asyncDispose]() {
      await ada.client.stop()
      await server[Symbol.asyncDispose]()
    },
  }
}

test('unread counts what others said after my marker, without what was deleted', async () => {
  await using all = await aChat()
  const { world, room, ada, id, say, unread } = all
  say('1', '2', '3', '4')
  await eventually(unread, 4)
  ada.client.messages(id).send({ text: 'mine' })
  await eventually(() => ada.client.conversations.get(id)?.lastSeq, 5)
  expect(unread()).toBe(4)
  world.delete(room, 3)
  await eventually(unread, 3)
  ada.client.conversations.markRead(id, 2)
  await eventually(unread, 1)
  world.delete(room, 1)
  await eventually(() => ada.client.conversations.get(id)?.version, room.events.length)
  expect(unread()).toBe(1)
  ada.client.conversations.markRead(id, 5)
  await eventually(unread, 0)
  await eventually(() => world.toConversation(room, idOf(ada)).me.lastReadSeq, 5)
})

test('the marker goes out at most once in a while, with the furthest seq', async () => {
  await using all = await aChat()
  const { server, world, room, ada, id, say, unread } = all
  say('1', '2', '3', '4', '5', '6')
  await eventually(unread, 6)
  server.sockets.refuse = true
  server.sockets.dropAll()
  await eventually(() => ada.client.connection.state, 'connecting')
  server.requests.length = 0
  for (let seq = 1; seq <= 6; seq += 1) ada.client.conversations.markRead(id, seq)
  await eventually(() => world.toConversation(room, idOf(ada)).me.lastReadSeq, 6)
  expect(server.requests.filter((request) => request.endsWith('/read')).length).toBeLessThanOrEqual(2)
})

test('what was read offline stays read, over a restart too, and is told when the network is back', async () => {
  const all = await aChat()
  const { server, world, room, ada, id, say, unread } = all
  say('1', '2', '3')
  await eventually(unread, 3)
  ada.network.set({ online: false })
  server.faultOf = () => 'lost'
  ada.client.conversations.markRead(id, 2)
  await eventually(unread, 1)
  await ada.client.stop()
  server.faultOf = () => undefined
  await using again = startDevice(server.url, ada)
  await isOnline(again)
  await eventually(() => world.toConversation(room, idOf(again)).me.lastReadSeq, 2)
  expect(again.client.conversations.get(id)?.me.unreadCount).toBe(1)
})

test('reading up to a place in a backlog that is not on this device asks the server for the count', async () => {
  await using all = await aChat()
  const { server, ada, id, say } = all
  await ada.client.stop()
  say(...Array.from({ length: 200 }, (_, index) => String(index + 1)))
  await using fresh = await signIn(server.url, 'ada')
  expect(fresh.client.conversations.get(id)?.me.unreadCount).toBe(200)
  fresh.client.conversations.markRead(id, 120)
  await eventually(() => fresh.client.conversations.get(id)?.me.unreadCount, 80)
})

test('a message that this device never had is deleted: the count follows', async () => {
  await using all = await aChat()
  const { server, world, room, ada, id, say } = all
  await ada.client.stop()
  say('1', '2', '3')
  await using fresh = await signIn(server.url, 'ada')
  world.delete(room, 1)
  await eventually(() => fresh.client.conversations.get(id)?.me.unreadCount, 2)
})

test('reading on one device empties the badge on the other', async () => {
  await using all = await aChat()
  const { server, ada, id, say, unread } = all
  await using phone = await signIn(server.url, 'ada')
  say('1', '2')
  await eventually(() => phone.client.conversations.get(id)?.me.unreadCount, 2)
  phone.client.conversations.markRead(id, 2)
  await eventually(unread, 0)
  phone.network.set({ online: false })
  say('3')
  await eventually(unread, 1)
  ada.client.conversations.markRead(id, 3)
  await eventually(unread, 0)
  phone.network.set({ online: true })
  await isOnline(phone)
  expect(phone.client.conversations.get(id)?.me.unreadCount).toBe(0)
})

test('the sender sees delivered and read', async () => {
  await using all = await aChat()
  const { server, ada, grace, id } = all
  ada.client.messages(id).send({ text: 'there?' })
  await eventually(() => ada.client.conversations.get(id)?.lastSeq, 1)
  const hers = () => ada.client.conversations.get(id)?.participants.find(({ userId }) => userId === grace.id)
  expect(hers()?.lastDeliveredSeq).toBe(0)
  await using phone = await signIn(server.url, 'grace')
  await eventually(() => hers()?.lastDeliveredSeq, 1)
  expect(hers()?.lastReadSeq).toBe(0)
  phone.client.conversations.markRead(id, 1)
  await eventually(() => hers()?.lastReadSeq, 1)
})

test('of two places read at once the further one is told, whichever was said last', async () => {
  await using all = await aChat()
  const { server, ada, id, say, unread } = all
  say('1', '2', '3')
  await eventually(unread, 3)
  ada.client.conversations.markRead(id, 3)
  ada.client.conversations.markRead(id, 2)
  await eventually(() => server.world.rooms.get(id)?.places.get(idOf(ada))?.lastReadSeq, 3)
  expect(unread()).toBe(0)
})

test('each device says for itself that it has a message, also when another one was faster or the person wrote since', async () => {
  await using all = await aChat()
  const { server, ada, id, say } = all
  await using phone = await signIn(server.url, 'ada')
  await eventually(() => phone.client.conversations.get(id)?.id, id)
  const before = server.world.moves
  say('1')
  await eventually(() => server.world.moves - before, 2)
  say('2')
  ada.client.messages(id).send({ text: 'my answer' })
  await eventually(() => phone.client.conversations.get(id)?.lastSeq, 3)
  await eventually(() => server.world.moves - before >= 4, true)
})

test('the line of new messages stays where it was when the chat was opened', async () => {
  await using all = await aChat()
  const { ada, id, say, unread } = all
  say('1', '2')
  await eventually(unread, 2)
  const messages = ada.client.messages(id)
  messages.subscribe(() => undefined)
  await eventually(() => messages.snapshot().firstUnreadSeq, 1)
  ada.client.conversations.markRead(id, 2)
  await eventually(unread, 0)
  say('3')
  await eventually(() => messages.snapshot().items.length, 3)
  expect(messages.snapshot().firstUnreadSeq).toBe(1)
})
