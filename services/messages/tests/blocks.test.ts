import {
  type Conversation,
  newId,
  type Problem,
  type PublicUser,
  type SyncReply,
  streamName,
  type UserEventData,
} from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { copyBlocks } from '../src/people/copy-blocks.ts'
import { findBlocked } from '../src/people/find-people.ts'
import { type Person, startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'

let messages: TestMessages
beforeAll(async () => {
  messages = await startTestMessages()
})
afterAll(() => messages[Symbol.asyncDispose]())

const isBlocked = async (one: string, other: string) =>
  (await findBlocked(messages.node.ctx.pool, one, [other])).has(other)
const heard = (one: Person, other: Person, expected: boolean) =>
  eventually(async () => expect(await isBlocked(one.id, other.id)).toBe(expected), { within: 15_000 })
const two = async () => {
  const [alice, bob] = await messages.joinAll(2)
  if (!alice || !bob) throw new Error('Nobody came')
  return { alice, bob }
}
const startDirect = (one: Person, other: Person) =>
  one.call<Conversation & Problem>('POST /v1/conversations', { kind: 'direct', userId: other.id })
const noSuchPerson = { status: 404, body: { code: 'not_found' } }
const named = {
  status: 400,
  body: { errors: [{ path: 'body.userIds.0', message: 'There is no such person' }] },
}

test('across a block neither creates a conversation nor adds the other to a group', async () => {
  const { alice, bob } = await two()
  await messages.usersService.block(alice.id, bob.id)
  await heard(alice, bob, true)
  for (const [one, other] of [
    [alice, bob],
    [bob, alice],
  ] as const) {
    expect(await startDirect(one, other)).toMatchObject(noSuchPerson)
    const group = { kind: 'group', title: 'x', userIds: [other.id] }
    expect(await one.call('POST /v1/conversations', group)).toMatchObject(named)
    const own = await messages.group(one)
    const add = await one.call(`POST /v1/conversations/${own.id}/participants`, { userIds: [other.id] })
    expect(add).toMatchObject(named)
  }

  await messages.usersService.unblock(alice.id, bob.id)
  await heard(alice, bob, false)
  expect((await startDirect(bob, alice)).status).toBe(201)
})

test('existing conversations and shared groups survive a block', async () => {
  const { alice, bob } = await two()
  const chat = await messages.direct(alice, bob)
  const group = await messages.group(alice, [bob])
  await messages.usersService.block(bob.id, alice.id)
  await heard(bob, alice, true)
  expect(await startDirect(alice, bob)).toMatchObject({ status: 200, body: { id: chat.id } })
  expect(await bob.say(group.id, 'still here')).toMatchObject({ seq: 1 })
})

test('across a block the bio is hidden in shared groups, and the name is not', async () => {
  const { alice, bob } = await two()
  const carol = await messages.join('Carol')
  for (const { user } of [alice, bob]) await messages.usersService.updateUser({ ...user, bio: 'Secret' }, 2)
  const knows = (id: string) => messages.node.ctx.prisma.userReplica.findUnique({ where: { id } })
  await eventually(async () => {
    for (const { id } of [alice, bob]) expect((await knows(id))?.version).toBe(2)
  })
  const group = await messages.group(alice, [bob, carol])
  const { cursor } = (await bob.call<SyncReply>('POST /v1/sync', { known: {} })).body
  await messages.usersService.block(alice.id, bob.id)
  await heard(alice, bob, true)
  for (const { user } of [alice, bob])
    await messages.usersService.updateUser({ ...user, bio: 'New secret' }, 3)
  await eventually(async () => {
    for (const { id } of [alice, bob]) expect((await knows(id))?.version).toBe(3)
  })

  const path = `/v1/conversations/${group.id}`
  for (const [one, other] of [
    [alice, bob],
    [bob, alice],
  ] as const) {
    const ids = [other.id, carol.id, newId()]
    const lookup = await one.call<{ items: PublicUser[] }>('POST /v1/conversations/people/lookup', { ids })
    expect(lookup.body.items.map(({ id }) => id)).toEqual([other.id, carol.id])
    const responses = await Promise.all([
      one.call(`GET ${path}`),
      one.call(`GET ${path}/participants`),
      one.call('GET /v1/conversations'),
      one.call('POST /v1/sync', { known: {} }),
      one.call('POST /v1/sync', { known: { [group.id]: group.version }, since: cursor }),
      one.call(`GET ${path}/events?after=0`),
      lookup,
    ])
    const profiles = responses.flatMap(({ body }) => profilesIn(body).filter(({ id }) => id === other.id))
    expect(profiles.length).toBeGreaterThan(6)
    for (const profile of profiles)
      expect(profile).toMatchObject({ bio: '', displayName: other.user.displayName })
    const seen = await carol.call<{ items: { user: PublicUser }[] }>(`GET ${path}/participants`)
    expect(seen.body.items.filter(({ user }) => user.bio === 'New secret')).toHaveLength(2)
  }

  // Without a shared conversation the other is unknown across the block.
  await alice.call(`PATCH ${path}/participants/${carol.id}`, { role: 'owner' })
  await alice.call(`DELETE ${path}/participants/${alice.id}`)
  const ask = (who: Person) => who.call('POST /v1/conversations/people/lookup', { ids: [alice.id] })
  expect((await ask(bob)).body).toEqual({ items: [] })
  expect((await ask(carol)).body).toMatchObject({ items: [{ id: alice.id, bio: 'New secret' }] })
})

/** Every profile anywhere in a response. */
function profilesIn(value: unknown): PublicUser[] {
  if (typeof value !== 'object' || value === null) return []
  const isProfile = 'displayName' in value && 'bio' in value
  return [...(isProfile ? [value as PublicUser] : []), ...Object.values(value).flatMap(profilesIn)]
}

test('a block affects only the two people', async () => {
  const { alice, bob } = await two()
  const carol = await messages.join('Carol')
  await messages.usersService.block(alice.id, bob.id)
  await heard(alice, bob, true)
  expect((await startDirect(carol, bob)).status).toBe(201)
  expect((await startDirect(carol, alice)).status).toBe(201)
})

test('block events are idempotent in any order', async () => {
  const pair = { userId: newId(), blockedId: newId() }
  const change = (version: number): UserEventData['block.changed'] => ({
    ...pair,
    version,
    isBlocked: version % 2 === 1,
  })
  const { pool } = messages.node.ctx
  for (const versions of [[2], [1], [3, 2, 1], [3], [2]]) {
    await copyBlocks(pool, versions.map(change))
    const newest = versions.includes(3) || (await isBlocked(pair.userId, pair.blockedId))
    expect(await isBlocked(pair.userId, pair.blockedId)).toBe(newest)
  }
  expect(await isBlocked(pair.blockedId, pair.userId)).toBe(true)
})

test('the snapshot brings blocks and unblocks whose events were lost', async () => {
  const { alice, bob } = await two()
  const carol = await messages.join('Carol')
  await messages.usersService.block(alice.id, bob.id)
  await heard(alice, bob, true)
  await messages.usersService.block(alice.id, carol.id, { isPublished: false })
  await messages.usersService.unblock(alice.id, bob.id, { isPublished: false })
  const redis = new Redis(messages.redis.url)
  try {
    // A stream that starts past the position of the group: events were missed.
    await redis.del(streamName('users', 0))
  } finally {
    redis.disconnect()
  }
  await messages.redis.stop()
  await messages.redis.start()
  await heard(alice, carol, true)
  await heard(alice, bob, false)
})

test('after a failover of Redis, lost events of blocks and ended accounts are reconciled', async () => {
  const { alice, bob } = await two()
  const carol = await messages.join('Carol')
  await messages.usersService.block(alice.id, bob.id)
  await heard(alice, bob, true)
  await messages.usersService.block(alice.id, carol.id, { isPublished: false })
  await messages.usersService.unblock(alice.id, bob.id, { isPublished: false })
  await messages.usersService.deleteUser(bob.id, 2, { isPublished: false })
  const redis = new Redis(messages.redis.url)
  try {
    // The same data under another replication id, as after a failover.
    await redis.replicaof('127.0.0.1', 1)
    await redis.replicaof('NO', 'ONE')
  } finally {
    redis.disconnect()
  }
  await heard(alice, carol, true)
  await heard(alice, bob, false)
  await eventually(async () => {
    const copy = await messages.node.ctx.prisma.userReplica.findUnique({ where: { id: bob.id } })
    expect(copy).toMatchObject({ deleted: true, username: null })
  })
})
