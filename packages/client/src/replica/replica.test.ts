import { expect, test, vi } from 'vitest'
import { chat, makeConversation, makeMessage, me } from '../../tests/make-message.ts'
import type { OutboxEntry } from '../messages/outbox-entry.ts'
import { createMemoryStore } from './memory-store.ts'
import { openReplica, type Replica } from './replica.ts'
import { messagesOf, type Store } from './store.ts'

const entry: OutboxEntry = {
  id: 'waits',
  conversationId: chat,
  order: 1,
  text: 'waits',
  createdAt: '2026-01-01T00:00:00.000Z',
  state: 'waiting',
}

async function open(store: Store = createMemoryStore()) {
  const errors: unknown[] = []
  const touched: string[] = []
  const database = await store.open(me)
  const replica = await openReplica({ me, database, onError: (error) => errors.push(error) })
  replica.listen(({ conversations, messages }) => touched.push(`${[...conversations]} | ${[...messages]}`))
  return { store, replica, database, errors, touched }
}

const install = (replica: Replica, lastSeq: number) =>
  replica.transact((transaction) => {
    transaction.putConversation({ conversation: makeConversation(lastSeq), historyStart: null })
    transaction.putMessages(
      chat,
      Array.from({ length: lastSeq }, (_, index) => makeMessage(index + 1)),
    )
  })

test('P7: what one transaction changes is seen together, and is there after a restart', async () => {
  const { store, replica, touched } = await open()
  await install(replica, 3)
  await replica.transact((transaction) => {
    transaction.putOutbox(entry)
    transaction.putRead(chat, 2)
    transaction.putCursor('c1')
  })
  const draft = { text: 'hm', typedAt: 5, monotonic: 7 }
  await replica.changeNow(
    { conversations: new Set([chat]), messages: new Set() },
    ({ drafts }) => drafts.set(chat, draft),
    (transaction) => transaction.putDraft(chat, draft),
  )
  expect(touched).toEqual([`${chat} | ${chat}`, `${chat} | ${chat}`, `${chat} | `])
  await replica.close()

  const { memory } = (await open(store)).replica
  expect(memory.conversations.get(chat)?.conversation.lastSeq).toBe(3)
  expect([
    memory.outbox.get('waits'),
    memory.reads.get(chat),
    memory.drafts.get(chat),
    memory.cursor,
  ]).toEqual([entry, 2, { text: 'hm', typedAt: 5 }, 'c1'])
})

test('P7: a transaction that fails leaves everything as it was', async () => {
  const { replica, database, touched } = await open()
  const failing = replica.transact((transaction) => {
    transaction.putConversation({ conversation: makeConversation(1), historyStart: null })
    throw new Error('a mistake')
  })
  await expect(failing).rejects.toThrow('a mistake')
  expect(replica.memory.conversations.size).toBe(0)
  expect(await database.range('conversations')).toEqual([])
  expect(touched).toEqual([])
})

test('transactions see what earlier ones did and what they did themselves', async () => {
  const { replica } = await open()
  await install(replica, 3)
  await replica.transact(async (transaction) => {
    const edited = makeMessage(2, { version: 9, text: 'edited' })
    transaction.putMessages(chat, [edited, makeMessage(4)])
    expect(await transaction.message(chat, 2)).toBe(edited)
    expect((await transaction.message(chat, 3))?.text).toBe('number 3')
    expect(await transaction.message(chat, 5)).toBeUndefined()
    const texts = (await transaction.messages(chat, { from: 2, to: 4 })).map(({ text }) => text)
    expect(texts).toEqual(['edited', 'number 3', 'number 4'])
    transaction.forgetConversation(chat)
    expect(transaction.conversation(chat)).toBeUndefined()
    expect(await transaction.message(chat, 3)).toBeUndefined()
    expect(await transaction.messages(chat, { from: 1, to: 4 })).toEqual([])
  })
})

test('only opened chats are in memory and follow changes; a forgotten one is opened anew', async () => {
  const { replica } = await open()
  await install(replica, 3)
  expect(replica.memory.windows.has(chat)).toBe(false)
  await replica.transact((transaction) => transaction.prepend(chat, [makeMessage(2), makeMessage(3)]))
  await replica.transact((transaction) =>
    transaction.putMessages(chat, [makeMessage(1, { text: 'far' }), makeMessage(4)]),
  )
  expect(replica.memory.windows.get(chat)?.map(({ seq }) => seq)).toEqual([2, 3, 4])
  await replica.transact((transaction) => {
    transaction.forgetConversation(chat)
    transaction.putMessages(chat, [makeMessage(90)])
  })
  expect(replica.memory.windows.has(chat)).toBe(false)
})

test('dropping a conversation deletes its messages, draft, marker and outbox entries', async () => {
  const { replica, database } = await open()
  await install(replica, 3)
  await replica.transact((transaction) => {
    transaction.putOutbox(entry)
    transaction.putRead(chat, 2)
  })
  await replica.transact((transaction) => transaction.dropConversation(chat, me))
  const { conversations, outbox, reads, drafts } = replica.memory
  expect([conversations.size, outbox.size, reads.size, drafts.size]).toEqual([0, 0, 0, 0])
  expect(await database.range('messages', messagesOf(chat))).toEqual([])
  expect(await database.range('outbox')).toEqual([])
})

test('sent messages leave the queue when history has them', async () => {
  const { replica } = await open()
  await replica.transact((transaction) => {
    transaction.putOutbox({ ...entry, id: 'early', state: 'stored', message: makeMessage(2) })
    transaction.putOutbox({ ...entry, id: 'late', state: 'stored', message: makeMessage(9) })
    transaction.putOutbox(entry)
  })
  await replica.transact((transaction) => transaction.deleteStoredOutbox(chat, 5))
  expect([...replica.memory.outbox.keys()]).toEqual(['late', 'waits'])
})

test('a store that refuses a write keeps its last state, and memory takes its place', async () => {
  const store = createMemoryStore()
  let broken = false
  const failing: Store = {
    ...store,
    async open(userId) {
      const database = await store.open(userId)
      const write: typeof database.write = async (changes) => {
        if (broken) throw new Error('The disk is full')
        await database.write(changes)
      }
      return { ...database, write }
    },
  }
  const { replica, errors } = await open(failing)
  await install(replica, 3)
  broken = true
  await replica.transact((transaction) => transaction.putMessages(chat, [makeMessage(4)]))
  await replica.transact(async (transaction) => {
    expect((await transaction.message(chat, 4))?.seq).toBe(4)
    transaction.putCursor('c2')
  })
  expect(errors).toHaveLength(1)
  expect(replica.memory.cursor).toBe('c2')
  broken = false
  expect((await (await store.open(me)).range('messages')).map(({ seq }) => seq)).toEqual([1, 2, 3])
})

test('after it is closed nothing is written any more', async () => {
  const { replica, database, errors } = await open()
  await replica.close()
  await expect(install(replica, 3)).rejects.toMatchObject({ reason: 'aborted' })
  await replica.changeNow(
    { conversations: new Set(), messages: new Set() },
    () => undefined,
    (transaction) => transaction.putCursor('c'),
  )
  expect(await database.get('meta', 'cursor')).toBeUndefined()
  expect(errors).toEqual([])
})

test('texts typed while the store is busy are written together, and delay no message', async () => {
  const { replica, database, store } = await open()
  const write = vi.spyOn(database, 'write')
  const touched = { conversations: new Set([chat]), messages: new Set<string>() }
  const typed = Array.from('a long message', (_, i) => 'a long message'.slice(0, i + 1)).map((text) =>
    replica.changeNow(
      touched,
      ({ drafts }) => drafts.set(chat, { text }),
      (transaction) => transaction.putDraft(chat, { text }),
    ),
  )
  const sent = replica.changeNow(
    touched,
    ({ outbox }) => outbox.set(entry.id, entry),
    (transaction) => transaction.putOutbox(entry),
  )
  await Promise.all([...typed, sent])
  expect(write).toHaveBeenCalledTimes(1)
  const { memory } = (await open(store)).replica
  expect([memory.drafts.get(chat), memory.outbox.get(entry.id)]).toEqual([{ text: 'a long message' }, entry])
})
