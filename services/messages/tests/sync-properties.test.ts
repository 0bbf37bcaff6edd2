import { newId } from '@finnigram/contracts'
import type { Actor } from '@finnigram/service-kit'
import { eventually } from '@finnigram/testing'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createConversation } from '../src/conversations/create-conversation.ts'
import type { ReplyBudget } from '../src/sync/plan-sync.ts'
import { type Device, openDevice } from './fixture/device.ts'
import {
  anyOperation,
  type Operation,
  type OperationEnvironment,
  runOperation,
} from './fixture/random-operations.ts'
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
  await messages.usersService.updateUser(shy.user, 2, { readReceipts: false })
  await eventually(async () => {
    const replica = messages.node.ctx.prisma.userReplica
    expect(await replica.findUnique({ where: { id: shy.id } })).toMatchObject({ hidesReads: true })
  })
})
afterAll(() => messages[Symbol.asyncDispose]())

/**
 * What happens next: things that people do at the same moment, or something that one device does.
 */
type Step =
  | { operations: Operation[] }
  | { wakes: number; budget: AnyBudget; meanwhile?: Operation[] }
  | { forgets: number; which: number }
/** What a reply has budget for, and conversations of a page: as if there were thousands. */
type AnyBudget = ReplyBudget & { page: number }

const anyBudget = fc.record({
  events: fc.oneof(fc.integer({ min: 1, max: 6 }), fc.constant(1000)),
  // A reply always has budget for the largest conversation.
  participants: fc.integer({ min: 4, max: 12 }),
  conversations: fc.integer({ min: 1, max: 4 }),
  page: fc.oneof(fc.constant(4), fc.integer({ min: 1, max: 3 })),
})
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({ operations: fc.array(anyOperation, { minLength: 1, maxLength: 1 }) }),
  },
  { weight: 1, arbitrary: fc.record({ operations: fc.array(anyOperation, { minLength: 2, maxLength: 4 }) }) },
  { weight: 4, arbitrary: fc.record({ wakes: fc.nat(3), budget: anyBudget }) },
  {
    weight: 2,
    arbitrary: fc.record({
      wakes: fc.nat(3),
      budget: anyBudget,
      meanwhile: fc.array(anyOperation, { minLength: 1, maxLength: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ forgets: fc.nat(3), which: fc.nat(3) }) },
)

const operation = (what: Operation['what'], which = 0): Operation => ({
  what,
  who: 0,
  whom: 1,
  where: 0,
  which,
  how: 0,
})
/** A device that begins with the last message hears of an edit of one that it does not have. */
const editOfWhatIsNotAtHand: [Step[], AnyBudget] = [
  [
    { operations: [operation('say')] },
    { operations: [operation('say')] },
    { operations: [operation('say')] },
    { wakes: 0, budget: { events: 1, participants: 4, page: 4 } },
    { operations: [operation('edit', 2)] },
    { operations: [operation('say')] },
  ],
  { events: 1000, participants: 4, page: 4 },
]

test('after any history and any absences, in replies of any size, a device knows what the server knows', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyStep, { minLength: 1, maxLength: 40, size: 'max' }),
      anyBudget,
      async (steps, budget) => {
        const environment = await createEnvironment()
        const devices = await Promise.all(people.map((actor) => openDevice(messages.node.ctx, actor)))
        try {
          for (const step of steps) await take(step, environment, devices)
          for (const device of devices) {
            await device.sync(budget)
            await device.expectSameAsServer()
          }
          await expectDense(environment)
        } finally {
          await deleteEnvironment(environment)
        }
      },
    ),
    { numRuns: 200, interruptAfterTimeLimit: 100_000, examples: [editOfWhatIsNotAtHand] },
  )
}, 120_000)

async function createEnvironment(): Promise<OperationEnvironment> {
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
async function deleteEnvironment({ chats }: OperationEnvironment): Promise<void> {
  const { pool } = messages.node.ctx
  await pool.query('DELETE FROM conversations WHERE id = ANY($1::uuid[])', [chats])
  await pool.query('DELETE FROM conversation_events WHERE conversation_id = ANY($1::uuid[])', [chats])
  await pool.query('DELETE FROM group_invitations WHERE conversation_id = ANY($1::uuid[])', [chats])
  await pool.query('DELETE FROM messages WHERE conversation_id = ANY($1::uuid[])', [chats])
}

async function take(
  step: Step,
  environment: OperationEnvironment,
  devices: readonly Device[],
): Promise<void> {
  if ('operations' in step)
    await Promise.all(step.operations.map((operation) => runOperation(operation, environment)))
  else if ('wakes' in step) {
    const meanwhile = step.meanwhile ?? []
    await Promise.all([
      devices[step.wakes]?.sync(step.budget),
      ...meanwhile.map((operation) => runOperation(operation, environment)),
    ])
  } else await devices[step.forgets]?.forget(step.which)
}

/** No hole and no twin among the seqs, nor among the versions that are kept. */
async function expectDense({ chats }: OperationEnvironment): Promise<void> {
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
