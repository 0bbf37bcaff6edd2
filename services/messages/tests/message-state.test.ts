import { applyEvents, type ConversationState } from '@finnigram/client/apply-events'
import { type Conversation, type ConversationEvent, type Message, newId } from '@finnigram/contracts'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { putAttachment } from './fixture/put-attachment.ts'
import { type Person, startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'

let messages: TestMessages
let people: Person[]
beforeAll(async () => {
  messages = await startTestMessages()
  people = [await messages.join('Alice'), await messages.join('Bob'), await messages.join('Carol')]
})
afterAll(() => messages[Symbol.asyncDispose]())

/** One operation, allowed or not; the numbers choose actor and target. */
interface Step {
  what: keyof typeof steps
  who: number
  which: number
  how: number
}
interface Scene {
  actor: Person
  group: string
  target: { id: string } | undefined
  how: number
}

const emoji = ['👍', '❤️', '🎉']
const texts = ['hello', '@bob', '@all look', '@carol and @alice: https://example.com', 'word '.repeat(60)]
const any = <T>(list: readonly T[], n: number): T => list[n % list.length] as T
const send = ({ actor, group }: Scene, body: object) =>
  actor.call(`POST /v1/conversations/${group}/messages`, { id: newId(), ...body })
const on = ({ actor, target }: Scene, method: string, what = '', body?: object) =>
  actor.call(`${method} /v1/messages/${target?.id ?? newId()}${what}`, body)

const steps = {
  say: (scene: Scene) => send(scene, { text: any(texts, scene.how) }),
  answer: (scene: Scene) =>
    send(scene, { text: any(texts, scene.how), replyToId: scene.target?.id ?? newId() }),
  forward: (scene: Scene) => send(scene, { forwardOf: scene.target?.id ?? newId() }),
  attach: async (scene: Scene) => {
    const { id } = await putAttachment(messages, scene.actor)
    return send(scene, { attachmentIds: [id], ...(scene.how % 2 ? { text: any(texts, scene.how) } : {}) })
  },
  edit: (scene: Scene) => on(scene, 'PATCH', '', { text: `${any(texts, scene.how)} ${scene.how}` }),
  delete: (scene: Scene) => on(scene, 'DELETE'),
  react: (scene: Scene) => on(scene, 'PUT', `/reactions/${encodeURIComponent(any(emoji, scene.how))}`),
  unreact: (scene: Scene) => on(scene, 'DELETE', `/reactions/${encodeURIComponent(any(emoji, scene.how))}`),
  pin: (scene: Scene) => on(scene, 'PUT', '/pin'),
  unpin: (scene: Scene) => on(scene, 'DELETE', '/pin'),
  rename: ({ actor, group, how }: Scene) =>
    actor.call(`PATCH /v1/conversations/${group}`, { title: `Title ${how}` }),
}

const anyStep: fc.Arbitrary<Step> = fc.record({
  what: fc.constantFrom(...(Object.keys(steps) as (keyof typeof steps)[])),
  who: fc.nat(2),
  which: fc.nat(20),
  how: fc.nat(9),
})

/**
 * A history with every event of messages; counted from the newest, which after a pin is its system
 * message.
 */
const everything = (
  [
    ['say', 0],
    ['answer', 0],
    ['forward', 0],
    ['attach', 0],
    ['react', 0],
    ['unreact', 0],
    ['pin', 0],
    ['unpin', 1],
    ['edit', 1],
    ['delete', 2],
    ['rename', 0],
  ] as const
).map(([what, which]): [Step, boolean] => [{ what, who: 0, which, how: 2 }, true])

/** A fresh fetch: the conversation and all its messages. */
async function fresh(person: Person, group: string): Promise<ConversationState> {
  const conversation = await person.chat(group)
  const { body } = await person.call<{ items: Message[] }>(
    `GET /v1/conversations/${group}/messages?limit=100`,
  )
  return { conversation, messages: new Map(body.items.map((message) => [message.seq, message])) }
}

async function catchUp(person: Person, state: ConversationState): Promise<ConversationState> {
  const { id, version } = state.conversation
  const { body } = await person.call<{ items: ConversationEvent[] }>(
    `GET /v1/conversations/${id}/events?after=${version}&limit=1000`,
  )
  const applied = applyEvents(state, body.items, person.id)
  expect([applied.gap, applied.unreadUnknown]).toEqual([false, false])
  return applied.state
}

async function take(step: Step, group: string): Promise<void> {
  const actor = any(people, step.who)
  const { message } = messages.node.ctx.prisma
  const known = await message.findMany({
    where: { conversationId: group },
    orderBy: { seq: 'desc' },
    select: { id: true },
  })
  const target = known.length > 0 ? any(known, step.which) : undefined
  const { status } = await steps[step.what]({ actor, group, target, how: step.how })
  expect(status).toBeLessThan(500)
}

/** Plays a history, compares after some steps, and returns the conversation. */
async function play(history: [Step, boolean][]): Promise<string> {
  const [owner, ...members] = people
  if (!owner) throw new Error('Nobody came')
  const { id: group }: Conversation = await messages.group(owner, members)
  const before = new Map<Person, ConversationState>()
  for (const person of people) before.set(person, await fresh(person, group))
  const live = new Map(before)
  for (const [step, isLooking] of history) {
    await take(step, group)
    if (!isLooking) continue
    const person = any(people, step.which)
    live.set(person, await catchUp(person, live.get(person) as ConversationState))
    expect(live.get(person)).toEqual(await fresh(person, group))
  }
  for (const person of people) {
    const now = await fresh(person, group)
    expect(await catchUp(person, live.get(person) as ConversationState)).toEqual(now)
    expect(await catchUp(person, before.get(person) as ConversationState)).toEqual(now)
  }
  return group
}

test('after every event, a device that applies it equals a fresh fetch', async () => {
  const group = await play(everything)
  const types = await typesOf(people[0] as Person, group)
  const aboutMessages = ['created', 'edited', 'deleted', 'pinned', 'unpinned'].map(
    (type) => `message.${type}`,
  )
  expect(types).toEqual(expect.arrayContaining([...aboutMessages, 'reaction.added', 'reaction.removed']))
})

test.each([1, 2, 3, 4, 5])(
  'after any history every device equals a fresh fetch, live or offline (seed %i)',
  async (seed) => {
    const history = fc.array(fc.tuple(anyStep, fc.boolean()), { minLength: 20, maxLength: 35 })
    await fc.assert(
      fc.asyncProperty(history, async (steps) => void (await play(steps))),
      { seed, numRuns: 1, endOnFailure: true },
    )
  },
)

async function typesOf(person: Person, group: string): Promise<string[]> {
  const { body } = await person.call<{ items: ConversationEvent[] }>(
    `GET /v1/conversations/${group}/events?limit=1000`,
  )
  return body.items.map(({ type }) => type)
}
