import { newId } from '@finnigram/contracts'
import type { Actor } from '@finnigram/service-kit'
import { eventually } from '@finnigram/testing'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createConversation } from '../src/conversations/create-conversation.ts'
import type { Room } from '../src/sync/plan-sync.ts'
import { anyDeed, type Deed, type Scene, tryDeed } from './fixture/deeds.ts'
import { type Device, openDevice } from './fixture/device.ts'
import { startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'

const names = ['ann', 'ben', 'cyd', 'dot']
let messages: TestMessages
let people: Actor[]
beforeAll(async () => {
  messages = await startTestMessages({ count: 2 })
  const joined = await Promise.all(names.map((name) => messages.join(name)))
  people = joined.map(({ id: userId }) => ({
    userId,
    sessionId: newId(),
    expiresAt: Number.POSITIVE_INFINITY,
  }))
  const [, , shy] = joined
  if (!shy) throw new Error('Nobody came')
  await messages.desk.change(shy.user, 2, { readReceipts: false })
  await eventually(async () => {
    const replica = messages.node.ctx.prisma.userReplica
    expect(await replica.findUnique({ where: { id: shy.id } })).toMatchObject({ hidesReads: true })
  })
})
afterAll(() => messages[Symbol.asyncDispose]())

/** What happens next: things that people do at the same moment, or something that one device does. */
type Step =
  | { deeds: Deed[] }
  | { wakes: number; room: AnyRoom; meanwhile?: Deed[] }
  | { forgets: number; which: number }
/** What a reply has room for, and conversations of a page: as if there were thousands. */
type AnyRoom = Room & { page: number }

const anyRoom = fc.record({
  events: fc.oneof(fc.integer({ min: 1, max: 6 }), fc.constant(1000)),
  // A reply always has room for the largest conversation.
  participants: fc.integer({ min: 4, max: 12 }),
  conversations: fc.integer({ min: 1, max: 4 }),
  page: fc.oneof(fc.constant(4), fc.integer({ min: 1, max: 3 })),
})
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 10, arbitrary: fc.record({ deeds: fc.array(anyDeed, { minLength: 1, maxLength: 1 }) }) },
  { weight: 1, arbitrary: fc.record({ deeds: fc.array(anyDeed, { minLength: 2, maxLength: 4 }) }) },
  { weight: 4, arbitrary: fc.record({ wakes: fc.nat(3), room: anyRoom }) },
  {
    weight: 2,
    arbitrary: fc.record({
      wakes: fc.nat(3),
      room: anyRoom,
      meanwhile: fc.array(anyDeed, { minLength: 1, maxLength: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ forgets: fc.nat(3), which: fc.nat(3) }) },
)

const deed = (what: Deed['what'], which = 0): Deed => ({ what, who: 0, whom: 1, where: 0, which, how: 0 })
/** A device that begins with the last message hears of an edit of one that it does not have. */
const editOfWhatIsNotAtHand: [Step[], AnyRoom] = [
  [
    { deeds: [deed('say')] },
    { deeds: [deed('say')] },
    { deeds: [deed('say')] },
    { wakes: 0, room: { events: 1, participants: 4, page: 4 } },
    { deeds: [deed('edit', 2)] },
    { deeds: [deed('say')] },
  ],
  { events: 1000, participants: 4, page: 4 },
]

test('after any history and any absences, in replies of any size, a device knows what the server knows', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyStep, { minLength: 1, maxLength: 40, size: 'max' }),
      anyRoom,
      async (steps, room) => {
        const scene = await openScene()
        const devices = await Promise.all(people.map((actor) => openDevice(messages.node.ctx, actor)))
        try {
          for (const step of steps) await take(step, scene, devices)
          for (const device of devices) {
            await device.sync(room)
            await device.expectSameAsServer()
          }
          await expectDense(scene)
        } finally {
          await closeScene(scene)
        }
      },
    ),
    { numRuns: 200, interruptAfterTimeLimit: 100_000, examples: [editOfWhatIsNotAtHand] },
  )
}, 120_000)

async function openScene(): Promise<Scene> {
  const [{ ctx }] = [messages.node]
  const [ann, ben, cyd, dot] = people
  if (!ann || !ben || !cyd || !dot) throw new Error('Nobody came')
  const ids = people.map(({ userId }) => userId)
  const made = await Promise.all([
    createConversation(ctx, ann, { kind: 'group', title: 'All', userIds: ids }),
    createConversation(ctx, ben, { kind: 'group', title: 'Some', userIds: [cyd.userId] }),
    createConversation(ctx, cyd, { kind: 'direct', userId: dot.userId }),
  ])
  const nodes = messages.nodes.map((node) => node.ctx)
  return { nodes, people, names, chats: made.map(({ body }) => body.id) }
}

/** The next history begins with nothing. */
async function closeScene({ chats }: Scene): Promise<void> {
  const { pool } = messages.node.ctx
  await pool.query('DELETE FROM conversations WHERE id = ANY($1::uuid[])', [chats])
  await pool.query('DELETE FROM conversation_events WHERE conversation_id = ANY($1::uuid[])', [chats])
  await pool.query('DELETE FROM group_invitations WHERE conversation_id = ANY($1::uuid[])', [chats])
  await pool.query('DELETE FROM messages WHERE conversation_id = ANY($1::uuid[])', [chats])
}

async function take(step: Step, scene: Scene, devices: readonly Device[]): Promise<void> {
  if ('deeds' in step) await Promise.all(step.deeds.map((deed) => tryDeed(deed, scene)))
  else if ('wakes' in step) {
    const meanwhile = step.meanwhile ?? []
    await Promise.all([
      devices[step.wakes]?.sync(step.room),
      ...meanwhile.map((deed) => tryDeed(deed, scene)),
    ])
  } else await devices[step.forgets]?.forget(step.which)
}

/** No hole and no twin among the seqs, nor among the versions that are kept. */
async function expectDense({ chats }: Scene): Promise<void> {
  const { pool } = messages.node.ctx
  const { rows } = await pool.query(
    `SELECT c.id FROM conversations c WHERE c.id = ANY($1::uuid[]) AND (
  c.last_seq <> (SELECT count(*) FROM messages m WHERE m.conversation_id = c.id)
  OR c.version - c.compacted_version <> (
    SELECT count(*) FROM conversation_events e WHERE e.conversation_id = c.id AND e.version > c.compacted_version)
  OR c.participant_count <> (
    SELECT count(*) FROM participants p WHERE p.conversation_id = c.id AND p.left_version IS NULL))`,
    [chats],
  )
  expect(rows).toEqual([])
}
