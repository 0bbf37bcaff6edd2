import 'fake-indexeddb/auto'
import type { ConversationEvent } from '@finnigram/contracts'
import { expect, test } from 'vitest'
import { changeMessage, createIndexedDbStore } from '../src/index.ts'
import { applyEvents, type ConversationState } from '../src/sync/reducer.ts'
import type { Room } from './small-server/room.ts'
import { startSmallServer } from './small-server/start-small-server.ts'
import { World } from './small-server/world.ts'
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

function aRoom() {
  const world = new World()
  const ada = world.addPerson('ada')
  const grace = world.addPerson('grace')
  const linus = world.addPerson('linus')
  const room = world.addRoom('group', grace.id, [ada.id], { title: 'us' })
  return { world, room, ada, grace, linus }
}

/** Something happens. */
function happen(random: Random, { world, room, ada, grace, linus }: ReturnType<typeof aRoom>): void {
  const seq = 1 + below(random, Math.max(1, room.messages.length))
  const people = [ada, grace].map(({ id }) => id)
  const someone = people[below(random, people.length)] ?? grace.id
  const what = random()
  if (what < 0.5 || room.messages.length === 0) {
    world.send(room, someone, { id: crypto.randomUUID(), text: String(random()) })
  } else if (room.messages[seq - 1]?.deletedAt === null && what < 0.65) {
    world.edit(room, seq, `edited ${random()}`)
  } else if (room.messages[seq - 1]?.deletedAt === null && what < 0.75) {
    world.delete(room, seq)
  } else if (room.messages[seq - 1]?.deletedAt === null && what < 0.9) {
    world.react(room, someone, { seq, emoji: random() < 0.5 ? '👍' : '🎉' })
  } else if (room.places.has(linus.id)) {
    world.remove(room, grace.id, linus.id)
  } else {
    world.add(room, grace.id, linus.id)
  }
}

const stateOf = (world: World, room: Room, userId: string): ConversationState => ({
  conversation: structuredClone(world.toConversation(room, userId)),
  messages: new Map(structuredClone(room.messages).map((message) => [message.seq, message])),
})

test('for every event, applying it equals a fresh fetch', () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const random = randomFrom(seed)
    const all = aRoom()
    let state = stateOf(all.world, all.room, all.ada.id)
    for (let step = 0; step < 60; step += 1) {
      const version = state.conversation.version
      happen(random, all)
      state = applyEvents(state, structuredClone(all.room.events.slice(version)), all.ada.id).state
      expect(state, `seed ${seed}, step ${step}`).toEqual(stateOf(all.world, all.room, all.ada.id))
    }
  }
})

test('events in any order, with gaps and repeats, end in the same state once the gaps are filled', () => {
  for (let seed = 1; seed <= 50; seed += 1) {
    const random = randomFrom(seed)
    const all = aRoom()
    const start = stateOf(all.world, all.room, all.ada.id)
    for (let step = 0; step < 40; step += 1) happen(random, all)
    let state = start
    while (state.conversation.version < all.room.events.length) {
      state = applyEvents(
        state,
        someOf(random, all.room.events, state.conversation.version),
        all.ada.id,
      ).state
    }
    expect(state, `seed ${seed}`).toEqual(stateOf(all.world, all.room, all.ada.id))
  }
})

/** A handful of events, shuffled, some twice, some long known; now and then exactly the next one. */
function someOf(random: Random, events: ConversationEvent[], version: number): ConversationEvent[] {
  const frame = Array.from({ length: 5 }, () => events[below(random, events.length)])
  if (random() < 0.3) frame.push(events[version])
  return structuredClone(frame.filter((event) => event !== undefined))
}

test('an event on a message that has it already changes nothing', () => {
  const random = randomFrom(7)
  const all = aRoom()
  for (let step = 0; step < 100; step += 1) happen(random, all)
  for (const message of all.room.messages) {
    for (const event of all.room.events) {
      if (event.version <= message.version) expect(changeMessage(message, event)).toBe(message)
    }
  }
})

test('a device that loses frames, sockets and itself agrees with the server in the end', async () => {
  for (const seed of [1, 2, 3]) {
    const random = randomFrom(seed)
    await using server = await startSmallServer()
    const { world } = server
    const [ada, grace, linus] = [world.addPerson('ada'), world.addPerson('grace'), world.addPerson('linus')]
    const room = world.addRoom('group', grace.id, [ada.id], { title: 'us' })
    const all = { world, room, ada, grace, linus }
    let device = await signIn(server.url, 'ada', { store: createIndexedDbStore(`converge-${seed}`) })
    for (let step = 0; step < 150; step += 1) {
      server.sockets.silent = random() < 0.2
      happen(random, all)
      if (random() < 0.1) await new Promise((resolve) => setTimeout(resolve, 5))
      if (random() < 0.03) server.sockets.dropAll()
      if (random() < 0.05) device.client.conversations.markRead(room.id, below(random, room.messages.length))
      if (random() < 0.05) void device.client.messages(room.id).snapshot()
      if (random() < 0.02) {
        await device.client.stop()
        device = await signIn(server.url, 'ada', device)
      }
    }
    server.sockets.silent = false
    server.sockets.dropAll()
    await isOnline(device)
    const messages = device.client.messages(room.id)
    const agrees = () =>
      contains(device.client.conversations.get(room.id), world.toConversation(room, ada.id))
    await eventually(agrees, true)
    await eventually(() => messages.snapshot().loadingBefore, false)
    while (messages.snapshot().hasBefore) await messages.loadBefore()
    while (messages.snapshot().hasAfter) await messages.loadAfter()
    expect(messages.snapshot().items, `seed ${seed}`).toEqual(room.messages)
    expect(device.errors).toEqual([])
    await device.client.stop()
  }
})
