import type { Conversation, ConversationEvent, SyncReply } from '@finnigram/contracts'
import { expect, test } from 'vitest'
import { chat, makeConversation, makeMessage, me, other } from '../../tests/make-message.ts'
import { createMemoryStore } from '../replica/memory-store.ts'
import { openReplica } from '../replica/replica.ts'
import { ingestSync } from './ingest.ts'
import { ingestConversation } from './ingest-conversation.ts'

const nothing: SyncReply = {
  conversations: [],
  events: {},
  reset: [],
  removed: [],
  markers: [],
  me: [],
  cursor: 'c',
  more: false,
}

const created = (seq: number, version = seq): ConversationEvent => ({
  conversationId: chat,
  version,
  type: 'message.created',
  at: '2026-01-01T00:00:00.000Z',
  actorId: other,
  data: { message: makeMessage(seq, { version }) },
})

async function knowing(conversation: Conversation) {
  const database = await createMemoryStore().open(me)
  const replica = await openReplica({ me, database, onError: () => undefined })
  await replica.transact((transaction) => ingestConversation(transaction, { fresh: conversation, me }))
  return {
    replica,
    known: () => replica.memory.conversations.get(chat)?.conversation,
    take: (reply: Partial<SyncReply>, asked: Record<string, number> = { [chat]: conversation.version }) =>
      replica.transact((transaction) =>
        ingestSync(transaction, { reply: { ...nothing, ...reply }, asked, cursor: 'c', me }),
      ),
  }
}

test('events come first, then what the conversation is after them', async () => {
  const { known, take } = await knowing(makeConversation(2))
  const fresh = makeConversation(4, { title: 'Renamed meanwhile' })
  const { applied, behind } = await take({
    conversations: [fresh],
    events: { [chat]: [created(3), created(4)] },
  })
  expect(applied).toHaveLength(2)
  expect(behind.size).toBe(0)
  expect(known()).toEqual(fresh)
})

test('a conversation that is ahead of its events is not ingested', async () => {
  const { known, take } = await knowing(makeConversation(2))
  const { behind } = await take({ conversations: [makeConversation(9)], events: { [chat]: [created(3)] } })
  expect(known()).toMatchObject({ version: 3, lastSeq: 3 })
  expect([...behind]).toEqual([chat])
})

test('while more is to come, being behind is nothing to repair', async () => {
  const { take } = await knowing(makeConversation(2))
  const { behind } = await take({
    conversations: [makeConversation(9)],
    events: { [chat]: [created(3)] },
    more: true,
  })
  expect(behind.size).toBe(0)
})

test('removed conversations are dropped, and reset ones are replaced', async () => {
  const first = await knowing(makeConversation(2))
  await first.take({ removed: [chat, 'unknown'] })
  expect(first.known()).toBeUndefined()

  const second = await knowing(makeConversation(2))
  await second.take({ reset: [chat], conversations: [makeConversation(500)] })
  expect(second.known()?.lastSeq).toBe(500)
  await second.replica.transact(async (transaction) => {
    expect((await transaction.messages(chat, { from: 1, to: 500 })).map(({ seq }) => seq)).toEqual([500])
  })
})

test('a reset goes back, too: the server was set up from an older backup', async () => {
  const { known, take } = await knowing(makeConversation(9))
  await take({ reset: [chat], conversations: [makeConversation(5)] })
  expect(known()).toMatchObject({ version: 5, lastSeq: 5 })
})

test('my own settings are ingested, and counts only if they are of the version known here', async () => {
  const { known, take } = await knowing(makeConversation(2))
  const mine = { ...makeConversation(2).me, pinned: true, unreadCount: 7 }
  await take({ me: [{ conversationId: chat, me: mine }] }, { [chat]: 1 })
  expect(known()?.me).toMatchObject({ pinned: true, unreadCount: 2 })
  await take({ me: [{ conversationId: chat, me: mine }], more: true })
  expect(known()?.me.unreadCount).toBe(2)
  await take({ me: [{ conversationId: chat, me: mine }] })
  expect(known()?.me.unreadCount).toBe(7)
  await take({ me: [{ conversationId: 'unknown', me: mine }] })
})

test('what I read here counts as read, whatever the server knows of it yet', async () => {
  const conversation = makeConversation(2)
  const { known, take } = await knowing({
    ...conversation,
    me: { ...conversation.me, lastReadSeq: 2, unreadCount: 0 },
  })
  const { unreadUnknown } = await take({
    conversations: [makeConversation(3)],
    events: { [chat]: [created(3)] },
  })
  expect(known()?.me).toMatchObject({ lastReadSeq: 2, unreadCount: 1 })
  expect(unreadUnknown.size).toBe(0)
})

test('P10: markers move, and never back', async () => {
  const { known, take } = await knowing(makeConversation(2))
  await take({
    markers: [
      { conversationId: chat, userId: other, readSeq: 2 },
      { conversationId: 'unknown', userId: other },
    ],
  })
  await take({
    markers: [{ conversationId: chat, userId: other, readSeq: 1 }],
    conversations: [makeConversation(2)],
  })
  expect(known()?.participants.find(({ userId }) => userId === other)?.lastReadSeq).toBe(2)
})
