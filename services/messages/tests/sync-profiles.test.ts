import {
  type Conversation,
  defaultPreferences,
  newId,
  SharedPreferences,
  type SyncReply,
} from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { copyProfiles } from '../src/people/copy-profiles.ts'
import { sync as syncOnce } from '../src/sync/sync.ts'
import { type Person, startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'

let messages: TestMessages
let alice: Person
let bob: Person
let group: Conversation
beforeAll(async () => {
  messages = await startTestMessages()
})
afterAll(() => messages[Symbol.asyncDispose]())
beforeEach(async () => {
  alice = await messages.join('Alice')
  bob = await messages.join('Bob')
  group = await messages.group(alice, [bob])
})

const sync = async (person: Person, known: Record<string, number>, since?: string) => {
  const reply = await person.call<SyncReply>('POST /v1/sync', { known, since })
  expect(reply.status).toBe(200)
  return reply.body
}
const nothing = {
  conversations: [],
  events: {},
  reset: [],
  removed: [],
  markers: [],
  me: [],
  invited: [],
  users: [],
  more: false,
}

const namesIn = ({ users = [] }: SyncReply) => users.map(({ displayName }) => displayName)
/** Writes into the copy of the profiles as an event does, in a transaction that may stay open. */
const rename = (
  tx: Pick<TestMessages['node']['ctx']['pool'], 'query'>,
  who: Person,
  name: string,
  version = 2,
) =>
  copyProfiles(tx, [
    {
      user: { ...who.user, displayName: name, bio: `I am ${name}` },
      preferences: SharedPreferences.parse(defaultPreferences),
      reachable: false,
      version,
    },
  ])

test('changed profiles come to people with a shared conversation since their last sync', async () => {
  const { pool } = messages.node.ctx
  const stranger = await messages.join('Stranger')
  const known = { [group.id]: 1 }
  const { cursor } = await sync(alice, known)
  expect(namesIn(await sync(alice, known, cursor))).toEqual([])
  await rename(pool, bob, 'Robert')
  await rename(pool, stranger, 'Nobody of hers')
  const told = await sync(alice, known, cursor)
  expect(told).toEqual({
    ...nothing,
    users: [{ ...bob.user, displayName: 'Robert', bio: 'I am Robert', version: 2 }],
    cursor: expect.any(String),
  })
  // What only services know is no change to those who are shown the profile.
  const { rows } = await pool.query('SELECT changed_at FROM users_replica WHERE id = $1', [bob.id])
  await pool.query('UPDATE users_replica SET version = 3, reachable = true WHERE id = $1', [bob.id])
  expect((await pool.query('SELECT changed_at FROM users_replica WHERE id = $1', [bob.id])).rows).toEqual(
    rows,
  )
  expect(namesIn(await sync(alice, known))).toEqual([])
})

test('a change made before a sync and committed after it comes with the next', async () => {
  const { pool } = messages.node.ctx
  const known = { [group.id]: 1 }
  const { cursor } = await sync(alice, known)
  const late = await pool.connect()
  await late.query('BEGIN')
  await rename(late, bob, 'Late')
  const during = await sync(alice, known, cursor)
  expect(namesIn(during)).toEqual([])
  await late.query('COMMIT')
  late.release()
  expect(namesIn(await sync(alice, known, during.cursor))).toEqual(['Late'])
})

test('more changed profiles than fit come in several replies, with changes made meanwhile', async () => {
  const { ctx } = messages.node
  const others = await messages.joinAll(12)
  const crowd = await messages.group(alice, others)
  const known = { [crowd.id]: 1, [group.id]: 1 }
  const budget = { events: 1000, participants: 1000, profiles: { sent: 3, lookedAt: 5 } }
  const actor = { userId: alice.id, sessionId: newId(), expiresAt: Date.now() + 60_000 }
  const ask = async (since: string) =>
    JSON.parse((await syncOnce(ctx, actor, { known, since, budget })).text) as SyncReply
  const { cursor } = await sync(alice, known)
  const late = await ctx.pool.connect()
  await late.query('BEGIN')
  const [first, ...rest] = others
  if (!first) throw new Error('Nobody came')
  await rename(late, first, 'Late')
  for (const [i, other] of rest.entries()) await rename(ctx.pool, other, `Other ${i}`)

  const told: string[] = []
  let reply = await ask(cursor)
  for (; reply.more; reply = await ask(reply.cursor)) {
    expect(reply.users?.length).toBeLessThanOrEqual(3)
    told.push(...namesIn(reply))
    // What it changed is older than what was told by now.
    if (told.length > 4) await late.query('COMMIT')
  }
  told.push(...namesIn(reply))
  late.release()
  expect(told).toEqual(rest.map((_, i) => `Other ${i}`))
  expect(namesIn(await sync(alice, known, reply.cursor))).toContain('Late')
})

test('a deleted account comes to people of its former groups', async () => {
  const known = { [group.id]: 1 }
  const { cursor } = await sync(alice, known)
  await messages.usersService.deleteUser(bob.id, 2)
  await eventually(async () => expect((await alice.chat(group.id)).participantCount).toBe(1), {
    within: 10_000,
  })
  const { users, events } = await sync(alice, known, cursor)
  const gone = { id: bob.id, displayName: 'Deleted account', deleted: true, version: 2 }
  expect(users).toMatchObject([gone])
  const left = events[group.id]?.find(({ type }) => type === 'participant.removed')
  expect(left?.data).toMatchObject({ userId: bob.id, user: gone })
})
