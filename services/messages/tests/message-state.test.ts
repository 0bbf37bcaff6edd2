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

/** One thing that somebody tries, allowed or not; numbers choose whom and what it is about. */
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

/** A history in which every event of messages comes: said, answered and forwarded by one who owns the group. */
const everything = (
  [
    'say',
    'answer',
    'forward',
    'attach',
    'react',
    'unreact',
    'pin',
    'unpin',
    'edit',
    'delete',
    'rename',
  ] as const
).map((what): [Step, boolean] => [{ what, who: 0, which: what === 'unpin' ? 1 : 0, how: 2 }, true])

/** What a person who asks now is answered: the conversation and all its messages. */
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

test('a device that applies events knows after each what a fresh look tells, and so does one that was away for all of them', async () => {
  const [owner, ...members] = people
  if (!owner) throw new Error('Nobody came')
  const seen = new Set<string>()
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(anyStep, fc.boolean()), { minLength: 15, maxLength: 40 }),
      async (taken) => {
        const { id: group }: Conversation = await messages.group(owner, members)
        const before = new Map<Person, ConversationState>()
        for (const person of people) before.set(person, await fresh(person, group))
        const live = new Map(before)
        for (const [step, isLooking] of taken) {
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
        for (const type of await typesOf(owner, group)) seen.add(type)
      },
    ),
    { numRuns: 8, endOnFailure: true, examples: [[everything]] },
  )
  const aboutMessages = ['created', 'edited', 'deleted', 'pinned', 'unpinned'].map(
    (type) => `message.${type}`,
  )
  expect([...seen]).toEqual(expect.arrayContaining([...aboutMessages, 'reaction.added', 'reaction.removed']))
})

async function typesOf(person: Person, group: string): Promise<string[]> {
  const { body } = await person.call<{ items: ConversationEvent[] }>(
    `GET /v1/conversations/${group}/events?limit=1000`,
  )
  return body.items.map(({ type }) => type)
}
