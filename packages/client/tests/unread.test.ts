import { expect, test } from 'vitest'
import { startTestServer } from './small-server/start-small-server.ts'
import { type Device, eventually, idOf, isOnline, signIn, signUp, startDevice } from './start-device.ts'

async function aChat() {
  const server = await startTestServer()
  const ada = await signUp(server.url, 'ada')
  const grace = server.state.addPerson('grace')
  const { id } = await ada.client.conversations.createDirect(grace.id)
  const record = server.state.conversations.get(id)
  if (!record) throw new Error('The chat is missing')
  const say = (...texts: string[]) => {
    for (const text of texts) server.state.send(record, grace.id, { id: crypto.randomUUID(), text })
  }
  const unread = () => ada.client.conversations.get(id)?.me.unreadCount
  return {
    server,
    serverState: server.state,
    ada,
    grace,
    id,
    record,
    say,
    unread,
    async [Symbol.asyncDispose]() {
      await ada.client.stop()
      await server[Symbol.asyncDispose]()
    },
  }
}

test('unread counts messages of others after my marker, without deleted ones', async () => {
  await using all = await aChat()
  const { serverState, record, ada, id, say, unread } = all
  say('1', '2', '3', '4')
  await eventually(unread, 4)
  ada.client.messages(id).send({ text: 'mine' })
  await eventually(() => ada.client.conversations.get(id)?.lastSeq, 5)
  expect(unread()).toBe(4)
  serverState.delete(record, 3)
  await eventually(unread, 3)
  ada.client.conversations.markRead(id, 2)
  await eventually(unread, 1)
  serverState.delete(record, 1)
  await eventually(() => ada.client.conversations.get(id)?.version, record.events.length)
  expect(unread()).toBe(1)
  ada.client.conversations.markRead(id, 5)
  await eventually(unread, 0)
  await eventually(() => serverState.toConversation(record, idOf(ada)).me.lastReadSeq, 5)
})

test('the marker is sent at a bounded rate, with the furthest seq', async () => {
  await using all = await aChat()
  const { server, serverState, record, ada, id, say, unread } = all
  say('1', '2', '3', '4', '5', '6')
  await eventually(unread, 6)
  server.sockets.refuse = true
  server.sockets.dropAll()
  await eventually(() => ada.client.connection.state, 'connecting')
  server.requests.length = 0
  for (let seq = 1; seq <= 6; seq += 1) ada.client.conversations.markRead(id, seq)
  await eventually(() => serverState.toConversation(record, idOf(ada)).me.lastReadSeq, 6)
  expect(server.requests.filter((request) => request.endsWith('/read')).length).toBeLessThanOrEqual(2)
})

test('what was read offline stays read, over a restart too, and is sent later', async () => {
  const all = await aChat()
  const { server, serverState, record, ada, id, say, unread } = all
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
  await eventually(() => serverState.toConversation(record, idOf(again)).me.lastReadSeq, 2)
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
  const { server, serverState, record, ada, id, say } = all
  await ada.client.stop()
  say('1', '2', '3')
  await using fresh = await signIn(server.url, 'ada')
  serverState.delete(record, 1)
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

test('of two markers set at once the further one is sent, whichever came last', async () => {
  await using all = await aChat()
  const { server, ada, id, say, unread } = all
  say('1', '2', '3')
  await eventually(unread, 3)
  ada.client.conversations.markRead(id, 3)
  ada.client.conversations.markRead(id, 2)
  await eventually(() => server.state.conversations.get(id)?.memberships.get(idOf(ada))?.lastReadSeq, 3)
  expect(unread()).toBe(0)
})

test('each device acknowledges delivery for itself, even if another one was faster', async () => {
  await using all = await aChat()
  const { server, ada, id, say } = all
  await using phone = await signIn(server.url, 'ada')
  await eventually(() => phone.client.conversations.get(id)?.id, id)
  const before = server.state.changeCount
  say('1')
  await eventually(() => server.state.changeCount - before, 2)
  say('2')
  ada.client.messages(id).send({ text: 'my answer' })
  await eventually(() => phone.client.conversations.get(id)?.lastSeq, 3)
  await eventually(() => server.state.changeCount - before >= 4, true)
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

const seqsOf = (device: Device, id: string) =>
  device.client
    .messages(id)
    .snapshot()
    .items.map(({ seq }) => seq)
const upTo = (count: number, from = 1) => Array.from({ length: count }, (_, index) => from + index)
const texts = (count: number) => upTo(count).map(String)

/** Ada has read 100 messages, and Grace said more while none of her devices was on. */
async function anAbsence(more: number) {
  const all = await aChat()
  const { ada, id, say, unread } = all
  say(...texts(100))
  await eventually(unread, 100)
  ada.client.conversations.markRead(id, 100)
  await eventually(() => all.serverState.toConversation(all.record, idOf(ada)).me.lastReadSeq, 100)
  await ada.client.stop()
  say(...texts(more))
  return all
}

test.each([20, 80, 1_000])(
  'a new device opens a chat with %i unread messages around the first of them',
  async (more) => {
    await using all = await anAbsence(more)
    const { server, id, record, serverState } = all
    await using fresh = await signIn(server.url, 'ada')
    const messages = fresh.client.messages(id)
    server.requests.length = 0
    const seen: number[] = []
    messages.subscribe(() => seen.push(messages.snapshot().items.length))
    await eventually(() => messages.snapshot().items.length >= 50, true)
    const { items, firstUnreadSeq, hasBefore, hasAfter } = messages.snapshot()
    expect({ firstUnreadSeq, hasBefore, hasAfter }).toEqual({
      firstUnreadSeq: 101,
      hasBefore: true,
      hasAfter: more > 25,
    })
    expect(items.filter(({ seq }) => Number(seq) <= 100).length).toBeGreaterThanOrEqual(25)
    expect(items.some(({ seq }) => seq === 101)).toBe(true)
    // Never the newest message by itself, which a screen would take for all there is.
    expect(seen.filter((length) => length > 0 && length < 30)).toEqual([])
    expect(server.requests.filter((request) => request.endsWith('/messages'))).toHaveLength(1)
    expect(serverState.toConversation(record, idOf(fresh)).me.lastReadSeq).toBe(100)
  },
)

test('unread messages load page by page, and new ones are added at the end', async () => {
  await using all = await anAbsence(200)
  const { server, id, say } = all
  await using fresh = await signIn(server.url, 'ada')
  const messages = fresh.client.messages(id)
  await eventually(() => messages.snapshot().items.length, 50)
  const { run } = messages.snapshot()
  say('301')
  await eventually(() => fresh.client.conversations.get(id)?.lastSeq, 301)
  fresh.client.messages(id).send({ text: 'mine' })
  await eventually(() => fresh.client.conversations.get(id)?.lastSeq, 302)
  expect(seqsOf(fresh, id)).toEqual(upTo(50, 76))
  while (messages.snapshot().hasAfter) await messages.loadAfter()
  expect(seqsOf(fresh, id)).toEqual(upTo(227, 76))
  say('303')
  await eventually(() => seqsOf(fresh, id).at(-1), 303)
  expect(messages.snapshot().run).toBe(run)
})

test('the newest messages can be shown without those between, and the unread ones again', async () => {
  await using all = await anAbsence(400)
  const { server, id } = all
  await using fresh = await signIn(server.url, 'ada')
  const messages = fresh.client.messages(id)
  await eventually(() => messages.snapshot().items.length, 50)
  const { run } = messages.snapshot()
  await messages.openAt('newest')
  expect(messages.snapshot()).toMatchObject({ run: run + 1, hasAfter: false, hasBefore: true })
  expect(seqsOf(fresh, id).at(-1)).toBe(500)
  expect(seqsOf(fresh, id).length).toBeGreaterThanOrEqual(30)
  fresh.client.conversations.markRead(id, 110)
  await messages.openAt('unread')
  expect(messages.snapshot()).toMatchObject({ run: run + 2, firstUnreadSeq: 111, hasAfter: true })
  await messages.openAt('unread')
  expect(messages.snapshot().run).toBe(run + 2)
})

test('a device whose events are compacted opens the chat anew, at the first unread message', async () => {
  await using all = await anAbsence(0)
  const { server, record, id, say, ada } = all
  await using phone = startDevice(server.url, ada)
  await isOnline(phone)
  const messages = phone.client.messages(id)
  messages.subscribe(() => undefined)
  await eventually(() => seqsOf(phone, id).at(-1), 100)
  phone.network.set({ online: false })
  say(...texts(90))
  record.compacted = record.events.length
  phone.network.set({ online: true })
  await isOnline(phone)
  await eventually(() => messages.snapshot().firstUnreadSeq, 101)
  await eventually(() => seqsOf(phone, id).includes(101), true)
  expect(seqsOf(phone, id)).not.toContain(190)
  expect(phone.client.conversations.get(id)?.me).toMatchObject({ lastReadSeq: 100, unreadCount: 90 })
})

test('where the server does not answer the newest known messages are shown, until it does', async () => {
  await using all = await anAbsence(80)
  const { server, id } = all
  await using fresh = await signIn(server.url, 'ada')
  fresh.network.set({ online: false })
  server.faultOf = () => 'lost'
  const messages = fresh.client.messages(id)
  messages.subscribe(() => undefined)
  await eventually(() => seqsOf(fresh, id), [180])
  server.faultOf = () => undefined
  fresh.network.set({ online: true })
  await isOnline(fresh)
  await eventually(() => seqsOf(fresh, id).includes(101), true)
  expect(messages.snapshot()).toMatchObject({ firstUnreadSeq: 101, hasAfter: true })
})

test.each<[string, (device: Device, id: string) => void]>([
  ['scrolled', ({ client }, id) => client.messages(id).stay()],
  ['wrote', ({ client }, id) => client.messages(id).send({ text: 'mine' })],
])('who opened a chat without the server and %s meanwhile stays there when it answers', async (_, act) => {
  await using all = await anAbsence(80)
  const { server, id } = all
  await using fresh = await signIn(server.url, 'ada')
  fresh.network.set({ online: false })
  server.faultOf = () => 'lost'
  const messages = fresh.client.messages(id)
  messages.subscribe(() => undefined)
  await eventually(() => seqsOf(fresh, id), [180])
  act(fresh, id)
  const { run } = messages.snapshot()
  server.faultOf = () => undefined
  fresh.network.set({ online: true })
  await isOnline(fresh)
  await eventually(() => messages.snapshot().items.length >= 30, true)
  expect(messages.snapshot()).toMatchObject({ run, hasAfter: false })
  expect(seqsOf(fresh, id)).not.toContain(101)
})

test('a person who scrolls while unread messages load stays where they are', async () => {
  await using all = await anAbsence(80)
  const { server, id } = all
  await using fresh = await signIn(server.url, 'ada')
  fresh.network.set({ online: false })
  server.faultOf = () => 'lost'
  const messages = fresh.client.messages(id)
  messages.subscribe(() => undefined)
  await eventually(() => seqsOf(fresh, id), [180])
  server.faultOf = () => undefined
  server.beforeAnswer = async (path, method) => {
    if (method === 'GET' && path.endsWith('/messages')) messages.stay()
  }
  fresh.network.set({ online: true })
  await isOnline(fresh)
  await eventually(() => messages.snapshot().items.length >= 30, true)
  expect(messages.snapshot().hasAfter).toBe(false)
  expect(seqsOf(fresh, id)).not.toContain(101)
})

test('of several places that a chat is to be shown at, one after the other, the last one is shown', async () => {
  await using all = await anAbsence(400)
  const { server, id } = all
  await using fresh = await signIn(server.url, 'ada')
  const messages = fresh.client.messages(id)
  // The first answer is still on its way.
  const opened = [messages.openAt('unread'), messages.openAt('unread'), messages.openAt('newest')]
  await Promise.all(opened)
  expect(messages.snapshot().hasAfter).toBe(false)
  expect(seqsOf(fresh, id).at(-1)).toBe(500)
})

test('own messages after my marker are passed over on the way to the first unread one', async () => {
  await using all = await aChat()
  const { server, serverState, record, ada, id, say } = all
  await ada.client.stop()
  for (const text of texts(180)) serverState.send(record, idOf(ada), { id: crypto.randomUUID(), text })
  say(...texts(60))
  await using fresh = await signIn(server.url, 'ada')
  const messages = fresh.client.messages(id)
  await eventually(() => messages.snapshot().firstUnreadSeq, 181)
  expect(seqsOf(fresh, id)).toContain(181)
  expect(seqsOf(fresh, id)).not.toContain(1)
  expect(messages.snapshot().readThrough).toBeGreaterThanOrEqual((seqsOf(fresh, id)[0] ?? 0) - 1)
})

test('reading on through a long backlog counts down without asking the server for the count', async () => {
  await using all = await anAbsence(300)
  const { server, id } = all
  await using fresh = await signIn(server.url, 'ada')
  const messages = fresh.client.messages(id)
  await eventually(() => messages.snapshot().items.length, 50)
  server.requests.length = 0
  for (const seq of [105, 110, 124]) fresh.client.conversations.markRead(id, seq)
  await eventually(() => fresh.client.conversations.get(id)?.me.unreadCount, 300 - 24)
  await eventually(() => all.serverState.toConversation(all.record, idOf(fresh)).me.lastReadSeq, 124)
  expect(server.requests.filter((request) => request === `GET /v1/conversations/${id}`)).toEqual([])
})

test('a page under way during a reset brings no old text back, and the chat opens', async () => {
  await using all = await anAbsence(0)
  const { server, serverState, record, id } = all
  await using fresh = await signIn(server.url, 'ada')
  const messages = fresh.client.messages(id)
  let answer = () => {}
  server.beforeAnswer = (path, method) =>
    method === 'GET' && path.endsWith('/messages')
      ? new Promise((resolve) => (answer = resolve))
      : Promise.resolve()
  let shown = messages.snapshot()
  messages.subscribe(() => (shown = messages.snapshot()))
  await eventually(() => server.requests.includes(`GET /v1/conversations/${id}/messages`), true)
  fresh.network.set({ online: false })
  serverState.edit(record, 90, 'edited')
  record.compacted = record.events.length
  fresh.network.set({ online: true })
  await isOnline(fresh)
  server.beforeAnswer = () => Promise.resolve()
  answer()
  await eventually(() => shown.items.length >= 30, true)
  expect(shown.items.find(({ seq }) => seq === 90)?.text).toBe('edited')
})
