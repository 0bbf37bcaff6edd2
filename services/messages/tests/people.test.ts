import { newId, streamName } from '@finnigram/contracts'
import { createDatabase, eventually, expectLog } from '@finnigram/testing'
import { Redis } from 'ioredis'
import { expect, test, vi } from 'vitest'
import { readConfig } from '../src/config.ts'
import { startMessages } from '../src/service.ts'
import { startTestMessages, type TestMessages, testEnv, toPerson } from './fixture/start-test-messages.ts'

const knows = (messages: TestMessages, id: string) =>
  messages.node.ctx.prisma.userReplica.findUnique({ where: { id } })

test('a user who has just registered can be written to: the service waits for the event', async () => {
  await using messages = await startTestMessages()
  const alice = await messages.join('Alice')
  const { user } = await messages.usersService.createUser('Bob', { isPublished: false })
  const asked = alice.call('POST /v1/conversations', { kind: 'direct', userId: user.id })
  await messages.usersService.updateUser(user, 1)
  expect(await asked).toMatchObject({ status: 201 })
})

test('an unknown user is awaited for at most a second', async () => {
  await using messages = await startTestMessages()
  const alice = await messages.join('Alice')
  const startedAt = performance.now()
  expect(await alice.call('POST /v1/conversations', { kind: 'direct', userId: newId() })).toMatchObject({
    status: 404,
  })
  expect(performance.now() - startedAt).toBeLessThan(2500)
})

test('one query looks for all awaited ids, however many callers invent them', async () => {
  await using messages = await startTestMessages()
  const { pool } = messages.node.ctx
  const people = await Promise.all(Array.from({ length: 8 }, (_, n) => messages.join(`Person ${n}`)))
  const { user } = await messages.usersService.createUser('Bob', { isPublished: false })
  const query = vi.spyOn(pool, 'query')
  const startedAt = performance.now()
  const [late, ...replies] = await Promise.all(
    people.map((person, n) => {
      const userIds = n === 0 ? [user.id] : Array.from({ length: 150 }, () => newId())
      const asked = person.call('POST /v1/conversations', { kind: 'group', title: 'x', userIds })
      return n === 0 ? messages.usersService.updateUser(user, 1).then(() => asked) : asked
    }),
  )
  expect(late?.status).toBe(201)
  expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 400))
  expect(performance.now() - startedAt).toBeLessThan(4000)
  const asked = query.mock.calls.filter(([what]) => /users_replica/.test(JSON.stringify(what)))
  // One query before and one after for each of eight, and the polls of a second.
  expect(asked.length).toBeGreaterThan(10)
  expect(asked.length).toBeLessThan(16 + 40)

  // Ids from the past or the future belong to no new user.
  const [past, future] = ['0188b4a0-0000-7000-8000-000000000000', 'f188b4a0-0000-7000-8000-000000000000']
  for (const userId of [past, future]) {
    const begunAt = performance.now()
    expect((await people[0]?.call('POST /v1/conversations', { kind: 'direct', userId }))?.status).toBe(404)
    expect(performance.now() - begunAt).toBeLessThan(900)
  }
})

test('a caller who is not in the profile copy yet gets Retry-After', async () => {
  await using messages = await startTestMessages()
  const early = toPerson(
    messages.node,
    await messages.usersService.createUser('Early', { isPublished: false }),
  )
  const reply = await early.call('POST /v1/conversations', { kind: 'group', title: 'x', userIds: [] })
  expect(reply).toMatchObject({ status: 503, body: { code: 'unavailable' } })
  expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0)
})

test('participants carry the newest profile; an older event changes nothing', async () => {
  await using messages = await startTestMessages()
  const alice = await messages.join('Alice')
  const notes = await messages.direct(alice, alice)
  await messages.usersService.updateUser({ ...alice.user, displayName: 'Alice B.' }, 3)
  await messages.usersService.updateUser({ ...alice.user, displayName: 'Alice A.' }, 2)
  await eventually(async () => {
    expect((await alice.chat(notes.id)).participants[0]?.user.displayName).toBe('Alice B.')
  })
})

test('a deleted account keeps nothing personal, and cannot be written to', async () => {
  await using messages = await startTestMessages()
  const [alice, bob] = await messages.joinAll(2)
  if (!alice || !bob) throw new Error('Nobody came')
  const chat = await messages.direct(alice, bob)
  const said = await bob.say(chat.id, 'still here')
  await messages.usersService.deleteUser(bob.id, 2)
  await eventually(async () => expect((await knows(messages, bob.id))?.deleted).toBe(true))
  await messages.usersService.updateUser(bob.user, 1)

  const { participants, lastMessage } = await alice.chat(chat.id)
  expect(participants.find(({ userId }) => userId === bob.id)?.user).toEqual({
    id: bob.id,
    username: 'deleted',
    displayName: 'Deleted account',
    bio: '',
    avatarUrl: null,
    createdAt: bob.user.createdAt,
    lastSeenAt: null,
    deleted: true,
    version: 2,
  })
  expect(lastMessage).toEqual(said)
  const group = { kind: 'group', title: 'x', userIds: [bob.id] }
  expect(await alice.call('POST /v1/conversations', group)).toMatchObject({ status: 400 })
  expect(await alice.call('POST /v1/conversations', { kind: 'direct', userId: bob.id })).toMatchObject({
    status: 200,
  })
})

test('the profile copy is rebuilt from the snapshot after the stream was lost', async () => {
  await using messages = await startTestMessages()
  await messages.join('Before')
  await messages.redis.stop()
  const { user } = await messages.usersService.createUser('Meanwhile', { isPublished: false })
  await messages.redis.start()
  await eventually(async () => expect(await knows(messages, user.id)).toBeTruthy(), { within: 15_000 })
})

test('a new database is filled once the users service answers, without any event', async () => {
  await using messages = await startTestMessages()
  const alice = await messages.join('Alice')
  messages.usersService.setUnavailable(true)
  const env = testEnv({
    databaseUrl: await createDatabase(),
    redisUrl: messages.redis.url,
    usersUrl: messages.usersService.url,
  })
  await using second = await startMessages(readConfig(env))
  expect((await fetch(`${second.url}/health/ready`)).status).toBe(200)
  messages.usersService.setUnavailable(false)
  await eventually(
    async () =>
      expect(await second.ctx.prisma.userReplica.findUnique({ where: { id: alice.id } })).toBeTruthy(),
    { within: 15_000 },
  )
})

test('an invalid event is parked, and the next one is handled', async () => {
  await using messages = await startTestMessages()
  const redis = new Redis(messages.redis.url)
  try {
    expectLog(/An event is parked/)
    await redis.xadd(streamName('users', 0), '*', 'type', 'user.created', 'key', 'x', 'payload', '{"user":1}')
    const alice = await messages.join('Alice')
    expect(await knows(messages, alice.id)).toBeTruthy()
    expect(await redis.xlen(`${streamName('users', 0)}:parked`)).toBe(1)
  } finally {
    redis.disconnect()
  }
})

test('the profile copy has names and settings', async () => {
  await using messages = await startTestMessages()
  const alice = await messages.join('Alice')
  expect(await knows(messages, alice.id)).toMatchObject({
    username: 'alice',
    hidesReads: false,
    preferences: { readReceipts: true, lastSeen: 'everyone' },
  })
  await messages.usersService.updateUser({ ...alice.user, username: 'alice.b' }, 2, { readReceipts: false })
  await eventually(async () =>
    expect(await knows(messages, alice.id)).toMatchObject({ username: 'alice.b', hidesReads: true }),
  )
})
