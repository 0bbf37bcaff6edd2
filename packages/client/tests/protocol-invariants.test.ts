import 'fake-indexeddb/auto'
import type { Conversation, ConversationEvent } from '@finnigram/contracts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { changeMessage, createIndexedDbStore } from '../src/index.ts'
import { countUnread, readUpTo } from '../src/sync/message-reducer.ts'
import { moveMarker } from '../src/sync/move-marker.ts'
import { applyEvents, type ConversationState } from '../src/sync/reducer.ts'
import type { ConversationRecord } from './small-server/conversation-record.ts'
import { ServerState } from './small-server/server-state.ts'
import { startTestServer } from './small-server/start-small-server.ts'
import { contains, eventually, isOnline, signIn } from './start-device.ts'

/** Mulberry32: the same numbers for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

type Random = () => number
const below = (random: Random, end: number) => Math.floor(random() * end)

function createFixture() {
  const serverState = new ServerState()
  const ada = serverState.addPerson('ada')
  const grace = serverState.addPerson('grace')
  const linus = serverState.addPerson('linus')
  const record = serverState.createConversation('group', grace.id, [ada.id], { title: 'us' })
  return { serverState, record, ada, grace, linus }
}

/** What a person may do in a group, chosen at random. */
function applyRandomOperation(
  random: Random,
  { serverState, record, ada, grace, linus }: ReturnType<typeof createFixture>,
): void {
  const seq = 1 + below(random, Math.max(1, record.messages.length))
  const people = [ada, grace].map(({ id }) => id)
  const someone = people[below(random, people.length)] ?? grace.id
  const what = random()
  if (what < 0.5 || record.messages.length === 0) {
    serverState.send(record, someone, { id: crypto.randomUUID(), text: String(random()) })
  } else if (record.messages[seq - 1]?.deletedAt === null && what < 0.65) {
    serverState.edit(record, seq, `edited ${random()}`)
  } else if (record.messages[seq - 1]?.deletedAt === null && what < 0.75) {
    serverState.delete(record, seq)
  } else if (record.messages[seq - 1]?.deletedAt === null && what < 0.9) {
    serverState.react(record, someone, { seq, emoji: random() < 0.5 ? '👍' : '🎉' })
  } else if (record.memberships.has(linus.id)) {
    serverState.removeMember(record, grace.id, linus.id)
  } else {
    serverState.addMember(record, grace.id, linus.id)
  }
}

const stateOf = (
  serverState: ServerState,
  record: ConversationRecord,
  userId: string,
): ConversationState => ({
  conversation: structuredClone(serverState.toConversation(record, userId)),
  messages: new Map(structuredClone(record.messages).map((message) => [message.seq, message])),
})

test('P6, P11: for every event, applying it equals a fresh fetch, unread count included', () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const random = randomFrom(seed)
    const all = createFixture()
    let state = stateOf(all.serverState, all.record, all.ada.id)
    for (let step = 0; step < 60; step += 1) {
      const version = state.conversation.version
      applyRandomOperation(random, all)
      state = applyEvents(state, structuredClone(all.record.events.slice(version)), all.ada.id).state
      expect(state, `seed ${seed}, step ${step}`).toEqual(stateOf(all.serverState, all.record, all.ada.id))
    }
  }
})

test('P6: events in any order, with gaps and repeats, end in the same state once the gaps are filled', () => {
  for (let seed = 1; seed <= 50; seed += 1) {
    const random = randomFrom(seed)
    const all = createFixture()
    const start = stateOf(all.serverState, all.record, all.ada.id)
    for (let step = 0; step < 40; step += 1) applyRandomOperation(random, all)
    let state = start
    while (state.conversation.version < all.record.events.length) {
      state = applyEvents(
        state,
        someOf(random, all.record.events, state.conversation.version),
        all.ada.id,
      ).state
    }
    expect(state, `seed ${seed}`).toEqual(stateOf(all.serverState, all.record, all.ada.id))
  }
})

/**
 * A handful of events, shuffled, some twice, some long known; now and then exactly the next one.
 */
function someOf(random: Random, events: ConversationEvent[], version: number): ConversationEvent[] {
  const frame = Array.from({ length: 5 }, () => events[below(random, events.length)])
  if (random() < 0.3) frame.push(events[version])
  return structuredClone(frame.filter((event) => event !== undefined))
}

test('P6: an event on a message that has it already changes nothing', () => {
  const random = randomFrom(7)
  const all = createFixture()
  for (let step = 0; step < 100; step += 1) applyRandomOperation(random, all)
  for (const message of all.record.messages) {
    for (const event of all.record.events) {
      if (event.version <= message.version) expect(changeMessage(message, event)).toBe(message)
    }
  }
})

/** A group with a random history, and a device of Ada that knows it up to some version. */
function createHistory(seed: number, steps = 40) {
  const random = randomFrom(seed)
  const all = createFixture()
  const start = stateOf(all.serverState, all.record, all.ada.id)
  for (let step = 0; step < steps; step += 1) applyRandomOperation(random, all)
  return { ...all, random, start, events: structuredClone(all.record.events) }
}

test('P5: whatever comes in a frame, only the next version is applied', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const { random, ada, start, events } = createHistory(seed)
      let state = start
      for (let frames = 0; frames < 20; frames += 1) {
        const { version } = state.conversation
        const frame = someOf(random, events, version)
        const applied = applyEvents(state, frame, ada.id)
        const versions = applied.events.map((event) => event.version)
        expect(versions).toEqual(versions.map((_, index) => version + 1 + index))
        expect(applied.state.conversation.version).toBe(version + versions.length)
        const newest = Math.max(0, ...frame.map((event) => event.version))
        expect(applied.gap).toBe(newest > applied.state.conversation.version)
        state = applied.state
      }
    }),
    { numRuns: 50 },
  )
})

test('P9: no event is applied after the one that removed me', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 20 }), (seed, later) => {
      const all = createHistory(seed, 10)
      const { serverState, record, ada, grace, start, random } = all
      serverState.removeMember(record, grace.id, ada.id)
      const removedAt = record.events.length
      for (let step = 0; step < later; step += 1) {
        serverState.send(record, grace.id, { id: crypto.randomUUID(), text: String(random()) })
      }
      const applied = applyEvents(start, structuredClone(record.events), ada.id)
      expect(applied.removed).toBe(true)
      expect(applied.state.conversation.version).toBe(removedAt)
    }),
    { numRuns: 50 },
  )
})

test('P10, P11: markers only rise, and the unread count follows from them', () => {
  const moves = fc.array(
    fc.record({ isMine: fc.boolean(), place: fc.double({ min: 0, max: 1, noNaN: true }) }),
  )
  fc.assert(
    fc.property(fc.integer(), moves, (seed, markers) => {
      const { serverState, record, ada, grace } = createHistory(seed)
      const { conversation: start, messages } = stateOf(serverState, record, ada.id)
      let conversation = start
      for (const { isMine, place } of markers) {
        const userId = isMine ? ada.id : grace.id
        const marker = {
          conversationId: record.id,
          userId,
          readSeq: Math.round(place * conversation.lastSeq),
        }
        const before = conversation
        const own = { me: ada.id, unread: [...messages.values()], passed: null }
        conversation = moveMarker(before, marker, own).conversation
        expectNoMarkerFell(before, conversation)
        const upTo = readUpTo(conversation.me)
        expect(conversation.me).toMatchObject(countUnread(messages.values(), { me: ada.id, upTo }))
      }
    }),
    { numRuns: 50 },
  )
})

function expectNoMarkerFell(before: Conversation, after: Conversation): void {
  expect(after.me.lastReadSeq).toBeGreaterThanOrEqual(before.me.lastReadSeq)
  expect(after.me.lastReadSeq).toBeLessThanOrEqual(after.lastSeq)
  for (const [index, { lastReadSeq, lastDeliveredSeq }] of after.participants.entries()) {
    expect(lastReadSeq).toBeGreaterThanOrEqual(before.participants[index]?.lastReadSeq ?? 0)
    expect(lastDeliveredSeq).toBeGreaterThanOrEqual(lastReadSeq)
  }
}

test('P12: of a deleted message neither the history nor the conversation keeps a word', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const { ada, start, events } = createHistory(seed, 60)
      const { state } = applyEvents(start, events, ada.id)
      const deleted = events.flatMap((event) => (event.type === 'message.deleted' ? [event.data.seq] : []))
      const lastMessage = state.conversation.lastMessage
      for (const message of [...state.messages.values(), ...(lastMessage ? [lastMessage] : [])]) {
        if (!deleted.includes(message.seq)) continue
        expect(message).toMatchObject({ text: null, attachments: [], replyTo: null, reactions: [] })
      }
    }),
    { numRuns: 50 },
  )
})

test('P8: a device that loses frames, sockets and itself agrees with the server in the end', async () => {
  for (const seed of [1, 2, 3]) {
    const random = randomFrom(seed)
    await using server = await startTestServer()
    const { state: serverState } = server
    const [ada, grace, linus] = [
      serverState.addPerson('ada'),
      serverState.addPerson('grace'),
      serverState.addPerson('linus'),
    ]
    const record = serverState.createConversation('group', grace.id, [ada.id], { title: 'us' })
    const all = { serverState, record, ada, grace, linus }
    let device = await signIn(server.url, 'ada', { store: createIndexedDbStore(`converge-${seed}`) })
    for (let step = 0; step < 150; step += 1) {
      server.sockets.silent = random() < 0.2
      applyRandomOperation(random, all)
      if (random() < 0.1) await new Promise((resolve) => setTimeout(resolve, 5))
      if (random() < 0.03) server.sockets.dropAll()
      if (random() < 0.05)
        device.client.conversations.markRead(record.id, below(random, record.messages.length))
      if (random() < 0.05) void device.client.messages(record.id).snapshot()
      if (random() < 0.02) {
        await device.client.stop()
        device = await signIn(server.url, 'ada', device)
      }
    }
    server.sockets.silent = false
    server.sockets.dropAll()
    await isOnline(device)
    const messages = device.client.messages(record.id)
    const agrees = () =>
      contains(device.client.conversations.get(record.id), serverState.toConversation(record, ada.id))
    await eventually(agrees, true)
    await eventually(() => messages.snapshot().loadingBefore, false)
    while (messages.snapshot().hasBefore) await messages.loadBefore()
    while (messages.snapshot().hasAfter) await messages.loadAfter()
    expect(messages.snapshot().items, `seed ${seed}`).toEqual(record.messages)
    expect(device.errors).toEqual([])
    await device.client.stop()
  }
})
