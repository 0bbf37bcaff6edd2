import {
  type Conversation,
  type ConversationEvent,
  type Marker,
  type Message,
  newId,
  type Participant,
  type SyncReply,
} from '@finnigram/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Person, startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'

let messages: TestMessages
beforeAll(async () => {
  messages = await startTestMessages({ count: 2 })
})
afterAll(() => messages[Symbol.asyncDispose]())

/** A small generator (mulberry32), so that a failure can be run again by its seed. */
function randomOf(seed: number) {
  let state = seed
  return (below: number) => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return (((t ^ (t >>> 14)) >>> 0) % 1_000_003) % below
  }
}

/** What a device knows of a conversation, by events alone after the first sight. */
interface Known {
  version: number
  title: string | null
  people: Map<string, Participant>
  texts: Map<number, Message>
}

/** A device that is mostly away, and syncs now and then. */
class Device {
  readonly chats = new Map<string, Known>()
  readonly owner: Person
  since: string | undefined
  constructor(owner: Person) {
    this.owner = owner
  }

  async sync(): Promise<void> {
    for (let more = true; more; ) {
      const known = Object.fromEntries([...this.chats].map(([id, { version }]) => [id, version]))
      const reply = await this.owner.call<SyncReply>('POST /v1/sync', { known, since: this.since })
      expect(reply.status).toBe(200)
      await this.apply(reply.body)
      more = reply.body.more
      this.since = reply.body.cursor
    }
  }

  async apply({ conversations, events, reset, removed, markers }: SyncReply): Promise<void> {
    for (const id of reset) this.chats.delete(id)
    for (const [id, list] of Object.entries(events))
      for (const event of list) applyEvent(this.chats.get(id), event)
    for (const id of removed) this.chats.delete(id)
    for (const conversation of conversations) {
      const known = this.chats.get(conversation.id)
      if (!known) this.chats.set(conversation.id, await this.takeAnew(conversation))
      else expect(known.version).toBe(conversation.version)
      for (const {
        userId,
        lastReadSeq: readSeq,
        lastDeliveredSeq: deliveredSeq,
      } of conversation.participants) {
        applyMarker(known, { conversationId: conversation.id, userId, readSeq, deliveredSeq })
      }
    }
    for (const marker of markers) applyMarker(this.chats.get(marker.conversationId), marker)
  }

  async takeAnew({ id, version, title, participants, lastSeq }: Conversation): Promise<Known> {
    const request = `GET /v1/conversations/${id}/messages?before=${lastSeq + 1}&limit=100`
    const { body } = await this.owner.call<{ items: Message[] }>(request)
    return {
      version,
      title,
      people: new Map(participants.map((one) => [one.userId, one])),
      texts: new Map(body.items.map((message) => [message.seq, message])),
    }
  }
}

function applyEvent(known: Known | undefined, event: ConversationEvent): void {
  if (!known) throw new Error('An event of a conversation that was not known')
  expect(event.version).toBe(known.version + 1)
  known.version = event.version
  if (event.type === 'message.created') known.texts.set(event.data.message.seq, event.data.message)
  if (event.type === 'conversation.updated') known.title = event.data.title ?? known.title
  if (event.type === 'participant.removed') known.people.delete(event.data.userId)
  if (event.type === 'participant.added') {
    known.people.set(event.data.participant.userId, event.data.participant)
  }
  if (event.type === 'participant.role_changed') {
    const one = known.people.get(event.data.userId)
    if (one) known.people.set(one.userId, { ...one, role: event.data.role })
  }
}

function applyMarker(known: Known | undefined, { userId, readSeq = 0, deliveredSeq = 0 }: Marker): void {
  const one = known?.people.get(userId)
  if (!one) return
  one.lastReadSeq = Math.max(one.lastReadSeq, readSeq)
  one.lastDeliveredSeq = Math.max(one.lastDeliveredSeq, deliveredSeq)
}

/** One random thing that somebody does, allowed or not. */
async function doSomething(random: (below: number) => number, people: Person[], chats: Conversation[]) {
  const any = <T>(list: T[]): T => list[random(list.length)] as T
  const [actor, other] = [any(people), any(people)]
  const path = `/v1/conversations/${any(chats).id}`
  const node = any([...messages.nodes])
  switch (random(10)) {
    case 0:
      return actor.call(`DELETE ${path}/participants/${other.id}`, undefined, node)
    case 1:
      return actor.call(`POST ${path}/participants`, { userIds: [other.id] }, node)
    case 2:
      return actor.call(`PATCH ${path}`, { title: `Title ${random(1000)}` }, node)
    case 3: {
      const role = any(['owner', 'admin', 'member'])
      return actor.call(`PATCH ${path}/participants/${other.id}`, { role }, node)
    }
    case 4:
    case 5:
      return actor.call(`POST ${path}/${any(['read', 'delivered'])}`, { seq: random(40) }, node)
    default: {
      const body = { id: newId(), text: `Text ${random(1000)}` }
      return actor.call(`POST ${path}/messages`, body, node)
    }
  }
}

test.each([1, 2, 3, 4])(
  'after any history and any absence, a device knows what the server knows (seed %i)',
  async (seed) => {
    const random = randomOf(seed)
    const people = await messages.joinAll(4)
    const [owner] = people
    if (!owner) throw new Error('Nobody came')
    const chats = [await messages.group(owner, people.slice(1)), await messages.group(owner, people.slice(2))]
    const devices = people.map((person) => new Device(person))

    for (let step = 0; step < 90; step += 1) {
      const deeds = Array.from({ length: 1 + random(3) }, () => doSomething(random, people, chats))
      for (const { status } of await Promise.all(deeds)) expect(status).toBeLessThan(500)
      const waking = devices.filter(() => random(10) === 0)
      await Promise.all(waking.map((device) => device.sync()))
    }

    for (const device of devices) {
      await device.sync()
      await expectSameAsServer(device)
    }
  },
)

async function expectSameAsServer({ owner, chats }: Device): Promise<void> {
  const { body } = await owner.call<{ items: Conversation[] }>('GET /v1/conversations')
  expect([...chats.keys()].toSorted()).toEqual(body.items.map(({ id }) => id).toSorted())
  for (const conversation of body.items) {
    const known = chats.get(conversation.id)
    const page = await owner.call<{ items: Message[] }>(
      `GET /v1/conversations/${conversation.id}/messages?limit=100`,
    )
    expect(known?.version).toBe(conversation.version)
    expect(known?.title).toBe(conversation.title)
    const people = [...(known?.people.values() ?? [])].toSorted((a, b) => (a.userId < b.userId ? -1 : 1))
    expect(people).toEqual(conversation.participants)
    for (const message of page.body.items) expect(known?.texts.get(message.seq)).toEqual(message)
    const earliest = page.body.items[0]?.seq ?? Number.POSITIVE_INFINITY
    for (const seq of known?.texts.keys() ?? []) expect(seq).toBeGreaterThan(conversation.me.joinedSeq)
    expect([...(known?.texts.keys() ?? [])].filter((seq) => seq >= earliest)).toHaveLength(
      page.body.items.length,
    )
  }
}
