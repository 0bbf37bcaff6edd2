import { expect, test } from 'vitest'
import {
  type Change,
  createMemorySessionStorage,
  createMemoryStore,
  type SessionStorage,
  type Store,
} from '../src/index.ts'
import { startTestServer } from './small-server/start-small-server.ts'
import { eventually, idOf, isOnline, signUp, startDevice, textsOf } from './start-device.ts'

/** A store in memory that does something else before each write. */
function storeThat(before: (changes: readonly Change[]) => Promise<void>): Store {
  const store = createMemoryStore()
  return {
    ...store,
    async open(userId) {
      const database = await store.open(userId)
      return {
        ...database,
        async write(changes) {
          await before(changes)
          return database.write(changes)
        },
      }
    },
  }
}

/** A disk that takes `writes` batches and then refuses every one. */
function failingStore(writes: number): Store {
  let left = writes
  return storeThat(async () => {
    left -= 1
    if (left < 0) throw new Error('The disk is full')
  })
}

test.each([0, 2, 5])(
  'a disk that refuses after %i writes does not stop anyone from talking',
  async (writes) => {
    await using server = await startTestServer()
    await using ada = await signUp(server.url, 'ada', { store: failingStore(writes) })
    const { id } = await ada.client.conversations.createGroup({ title: 'us', userIds: [] })
    const texts = Array.from({ length: 8 }, (_, index) => `number ${index}`)
    for (const text of texts) ada.client.messages(id).send({ text })
    await eventually(() => textsOf(ada, id), texts)
    await eventually(() => ada.client.conversations.get(id)?.pendingCount, 0)
    expect(ada.errors).not.toEqual([])
  },
)

test('a store that cannot be opened is replaced by memory', async () => {
  await using server = await startTestServer()
  const store: Store = {
    open: () => Promise.reject(new Error('No storage in private windows')),
    destroy: async () => undefined,
  }
  await using ada = await signUp(server.url, 'ada', { store })
  await ada.client.conversations.createGroup({ title: 'us', userIds: [] })
  expect(ada.client.conversations.list().map(({ displayTitle }) => displayTitle)).toEqual(['us'])
  expect(ada.errors).toHaveLength(1)
  await ada.client.session.logout()
})

/** What a browser does that blocks all cookies. */
const blockedStorage: SessionStorage = {
  get: () => Promise.reject(new DOMException('The request was denied.', 'SecurityError')),
  set: () => Promise.reject(new DOMException('The request was denied.', 'SecurityError')),
  remove: () => Promise.reject(new DOMException('The request was denied.', 'SecurityError')),
}

test('where nothing can be stored the app works while it runs, and says so', async () => {
  await using server = await startTestServer()
  const store: Store = {
    open: () => Promise.reject(new DOMException('The request was denied.', 'SecurityError')),
    destroy: () => Promise.reject(new DOMException('The request was denied.', 'SecurityError')),
    isDurable: async () => false,
  }
  await using ada = startDevice(server.url, { store, sessionStorage: blockedStorage })
  const { session, storage, api } = ada.client
  await eventually(() => session.state, { status: 'signedOut' })
  await eventually(() => storage.state, { session: false, messages: false })
  await session.register({ username: 'ada', displayName: 'Ada', password: 'correct horse battery' })
  await isOnline(ada)
  for (const token of server.sessions.access.keys()) server.sessions.expired.add(token)
  expect((await api.getMe()).username).toBe('ada')
  await session.logout()
  expect(server.sessions.refresh.size).toBe(0)
})

test('a disk that becomes full is reported from then on', async () => {
  await using server = await startTestServer()
  const store: Store = { ...failingStore(3), isDurable: async () => true }
  await using ada = startDevice(server.url, { store })
  expect(ada.client.storage.state).toEqual({ session: true, messages: true })
  await ada.client.session.register({
    username: 'ada',
    displayName: 'Ada',
    password: 'correct horse battery',
  })
  const { id } = await ada.client.conversations.createGroup({ title: 'us', userIds: [] })
  for (const text of ['one', 'two', 'three']) ada.client.messages(id).send({ text })
  await eventually(() => ada.client.storage.state, { session: true, messages: false })
})

test('a session storage that fails for a moment is no sign of having signed out', async () => {
  await using server = await startTestServer()
  const kept = createMemorySessionStorage()
  let refuses = false
  const sessionStorage: SessionStorage = {
    ...kept,
    get: (key) => (refuses ? Promise.reject(new Error('busy')) : kept.get(key)),
  }
  await using ada = await signUp(server.url, 'ada', { sessionStorage })
  refuses = true
  for (const token of server.sessions.access.keys()) server.sessions.expired.add(token)
  expect((await ada.client.api.getMe()).username).toBe('ada')
  expect(ada.client.session.state.status).toBe('signedIn')
})

test('an empty list is told apart from one that is not loaded yet', async () => {
  await using server = await startTestServer()
  await using ada = await signUp(server.url, 'ada')
  await eventually(() => ada.client.conversations.loaded, true)
  expect(ada.client.conversations.list()).toEqual([])
})

test('a profile that changes shows wherever the person does', async () => {
  await using server = await startTestServer()
  await using ada = await signUp(server.url, 'ada')
  const grace = server.state.addPerson('grace')
  const { id } = await ada.client.conversations.createDirect(grace.id)
  let told = 0
  ada.client.conversations.subscribe(() => {
    told += 1
  })
  Object.assign(grace, { displayName: 'Rear Admiral Hopper' })
  server.sockets.io.emit('account', { type: 'user.updated', data: { user: server.state.toPublic(grace.id) } })
  await eventually(() => ada.client.conversations.get(id)?.displayTitle, 'Rear Admiral Hopper')
  expect(ada.client.people.get(grace.id)?.displayName).toBe('Rear Admiral Hopper')
  expect(told).toBeGreaterThan(0)
})

test('a profile that changed while the device was away comes with the sync, and stays after a restart', async () => {
  await using server = await startTestServer()
  const store = createMemoryStore()
  const sessionStorage = createMemorySessionStorage()
  const first = await signUp(server.url, 'ada', { store, sessionStorage })
  const grace = server.state.addPerson('grace')
  const { id } = await first.client.conversations.createDirect(grace.id)
  await first[Symbol.asyncDispose]()
  server.state.changeProfile(grace, { displayName: 'Rear Admiral Hopper' })

  const second = startDevice(server.url, { store, sessionStorage })
  await eventually(() => second.client.conversations.get(id)?.displayTitle, 'Rear Admiral Hopper')
  const { participants } = second.client.conversations.get(id) ?? {}
  expect(participants?.map(({ user }) => user.displayName).toSorted()).toEqual(['Rear Admiral Hopper', 'ada'])
  await second[Symbol.asyncDispose]()
  // Without a server there is only what was stored: the conversation as it was, and the profile.
  await server[Symbol.asyncDispose]()
  await using third = startDevice(server.url, { store, sessionStorage })
  await eventually(() => third.client.conversations.get(id)?.displayTitle, 'Rear Admiral Hopper')
})

test('people who left a group keep their names over a restart', async () => {
  await using server = await startTestServer()
  const store = createMemoryStore()
  const sessionStorage = createMemorySessionStorage()
  const first = await signUp(server.url, 'ada', { store, sessionStorage })
  const grace = server.state.addPerson('grace')
  const { id } = await first.client.conversations.createGroup({ title: 'us', userIds: [grace.id] })
  const record = server.state.conversations.get(id)
  if (!record) throw new Error('No conversation')
  server.state.removeMember(record, grace.id, grace.id)
  await eventually(() => first.client.conversations.get(id)?.participantCount, 1)
  await first[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
  await using second = startDevice(server.url, { store, sessionStorage })
  await eventually(() => second.client.people.get(grace.id)?.displayName, 'grace')
})

test('unknown people on screen are looked up together, once, and again after a network failure', async () => {
  await using server = await startTestServer()
  await using ada = await signUp(server.url, 'ada')
  const [grace, linus, nobody] = [server.state.addPerson('grace'), server.state.addPerson('linus'), 'no-one']
  const asked = () => server.requests.filter((request) => request.endsWith('lookup'))
  const { people } = ada.client
  const tried: string[] = []
  server.faultOf = (path) => {
    if (!path.endsWith('lookup')) return undefined
    tried.push(path)
    return 'unavailable'
  }
  people.meet([grace.id])
  people.meet([linus.id, nobody])
  await eventually(() => tried.length > 0, true)
  expect(people.get(grace.id)).toBeUndefined()
  server.faultOf = () => undefined
  await eventually(() => people.get(grace.id)?.displayName, 'grace')
  await eventually(() => people.get(linus.id)?.displayName, 'linus')
  const before = asked().length
  expect(before).toBe(tried.length + 2)
  people.meet([grace.id, linus.id, nobody])
  await ada.client.people.search('grace')
  expect(asked()).toHaveLength(before)
  expect(people.get(nobody)).toBeUndefined()
})

test('my profile and my settings follow from another device', async () => {
  await using server = await startTestServer()
  await using ada = await signUp(server.url, 'ada')
  const { id } = await ada.client.conversations.createGroup({ title: 'us', userIds: [] })
  const person = server.state.people.get(idOf(ada))
  Object.assign(person ?? {}, { displayName: 'Ada L.' })
  server.sockets.io.emit('account', {
    type: 'user.updated',
    data: { user: server.state.toPublic(idOf(ada)) },
  })
  await eventually(() => ada.client.session.state.user?.displayName, 'Ada L.')

  const { me } = await ada.client.api.getConversation(id)
  server.sockets.io.emit('account', {
    type: 'conversation.me',
    data: { conversationId: id, me: { ...me, pinned: true } },
  })
  await eventually(() => ada.client.conversations.get(id)?.me.pinned, true)
  server.sockets.io.emit('account', { type: 'something.new', data: {} })
  server.sockets.io.emit('account', { type: 'conversation.me', data: {} })
  expect(ada.errors).toEqual([])
})

test('people are found, looked up in hundreds, and remembered', async () => {
  await using server = await startTestServer()
  await using ada = await signUp(server.url, 'ada')
  const ids = Array.from({ length: 150 }, (_, index) => server.state.addPerson(`person.${index}`).id)
  expect(await ada.client.people.search('  ')).toEqual([])
  const found = await ada.client.people.lookup([...ids, ...ids, crypto.randomUUID()])
  expect(found).toHaveLength(150)
  expect(server.requests.filter((request) => request === 'POST /v1/users/lookup')).toHaveLength(2)
  expect(ada.client.people.get(ids[149] ?? '')?.username).toBe('person.149')
})

test('notes to self have a title, no unread, and no one else', async () => {
  await using server = await startTestServer()
  await using ada = await signUp(server.url, 'ada')
  const { id, peer } = await ada.client.conversations.createDirect(idOf(ada))
  expect(peer?.id).toBe(idOf(ada))
  ada.client.messages(id).send({ text: 'milk' })
  await eventually(() => ada.client.conversations.get(id)?.lastSeq, 1)
  expect(ada.client.conversations.get(id)?.me.unreadCount).toBe(0)
})

test('calls that need a session are refused without one', async () => {
  await using server = await startTestServer()
  await using ada = await signUp(server.url, 'ada')
  await ada.client.session.logout()
  const { conversations, people, messages, presence, typing } = ada.client
  await expect(conversations.createDirect('someone')).rejects.toMatchObject({ code: 'unauthenticated' })
  await expect(people.search('someone')).rejects.toMatchObject({ code: 'unauthenticated' })
  messages('none').send({ text: 'into the void' })
  await messages('none').loadBefore()
  typing('none').notify()
  presence.watch(['someone'])()
  conversations.setDraft('none', 'x')
  conversations.markRead('none', 1)
  expect(messages('none').snapshot().items).toEqual([])
})

test('a message shows as waiting only once it is stored: what is lost with a tab never looked safe', async () => {
  const writes: (() => void)[] = []
  let holds = false
  const store = storeThat(async (changes) => {
    const isHeld = holds && changes.some(({ table }) => table === 'outbox')
    if (isHeld) await new Promise<void>((resolve) => writes.push(resolve))
  })
  await using server = await startTestServer()
  await using ada = await signUp(server.url, 'ada', { store })
  const { id } = await ada.client.conversations.createGroup({ title: 'us', userIds: [] })
  ada.network.set({ online: false })
  const messages = ada.client.messages(id)
  const states = () => messages.snapshot().items.map(({ localState }) => localState)
  holds = true
  messages.send({ text: 'one' })
  await eventually(() => writes.length, 1)
  messages.send({ text: 'two' })
  expect(states()).toEqual(['saving', 'saving'])

  writes.shift()?.()
  await eventually(states, ['waiting', 'saving'])
  holds = false
  await eventually(() => writes.length, 1)
  writes.shift()?.()
  await eventually(states, ['waiting', 'waiting'])
  const kept = await (await store.open(idOf(ada))).range('outbox')
  expect(kept.map(({ text, state }) => [text, state])).toEqual([
    ['one', 'waiting'],
    ['two', 'waiting'],
  ])
})
