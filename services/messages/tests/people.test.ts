import { newId, streamName } from '@finnigram/contracts'
import { createDatabase, eventually, expectLog } from '@finnigram/testing'
import { Redis } from 'ioredis'
import { expect, test, vi } from 'vitest'
import { readConfig } from '../src/config.ts'
import { startMessages } from '../src/service.ts'
import { startTestMessages, type TestMessages, testEnv, toPerson } from './fixture/start-test-messages.ts'

const knows = (messages: TestMessages, id: string) =>
  messages.node.ctx.prisma.userReplica.findUnique({ where: { id } })

test('who has just registered is written to at once: the service waits for the news', async () => {
  await using messages = await startTestMessages()
  const alice = await messages.join('Alice')
  const { user } = await messages.desk.join('Bob', { isTold: false })
  const asked = alice.call('POST /v1/conversations', { kind: 'direct', userId: user.id })
  await messages.desk.change(user, 1)
  expect(await asked).toMatchObject({ status: 201 })
})

test('who never registers is waited for no longer than a second', async () => {
  await using messages = await startTestMessages()
  const alice = await messages.join('Alice')
  const startedAt = performance.now()
  expect(await alice.call('POST /v1/conversations', { kind: 'direct', userId: newId() })).toMatchObject({
    status: 404,
  })
  expect(performance.now() - startedAt).toBeLessThan(2500)
})

test('however many wait for ids they made up, the database is asked for all of them together', async () => {
  await using messages = await startTestMessages()
  const { pool } = messages.node.ctx
  const people = await Promise.all(Array.from({ length: 8 }, (_, n) => messages.join(`Person ${n}`)))
  const { user } = await messages.desk.join('Bob', { isTold: false })
  const query = vi.spyOn(pool, 'query')
  const startedAt = performance.now()
  const [late, ...replies] = await Promise.all(
    people.map((person, n) => {
      const userIds = n === 0 ? [user.id] : Array.from({ length: 150 }, () => newId())
      const asked = person.call('POST /v1/conversations', { kind: 'group', title: 'x', userIds })
      return n === 0 ? messages.desk.change(user, 1).then(() => asked) : asked
    }),
  )
  expect(late?.status).toBe(201)
  expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 400))
  expect(performance.now() - startedAt).toBeLessThan(4000)
  const asked = query.mock.calls.filter(([what]) => /users_replica/.test(JSON.stringify(what)))
  // A look before and one after for each of eight, and the rounds of a second.
  expect(asked.length).toBeGreaterThan(10)
  expect(asked.length).toBeLessThan(16 + 40)

  // Made long ago, or in times to come: nobody registers so.
  const [past, future] = ['0188b4a0-0000-7000-8000-000000000000', 'f188b4a0-0000-7000-8000-000000000000']
  for (const userId of [past, future]) {
    const begunAt = performance.now()
    expect((await people[0]?.call('POST /v1/conversations', { kind: 'direct', userId }))?.status).toBe(404)
    expect(performance.now() - begunAt).toBeLessThan(900)
  }
})

test('a caller the service has not heard of yet is asked to come back', async () => {
  await using messages = await startTestMessages()
  const early = toPerson(messages.node, await messages.desk.join('Early', { isTold: false }))
  const reply = await early.call('POST /v1/conversations', { kind: 'group', title: 'x', userIds: [] })
  expect(reply).toMatchObject({ status: 503, body: { code: 'unavailable' } })
  expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0)
})

test('participants carry the newest profile; old news changes nothing', async () => {
  await using messages = await startTestMessages()
  const alice = await messages.join('Alice')
  const notes = await messages.direct(alice, alice)
  await messages.desk.change({ ...alice.user, displayName: 'Alice B.' }, 3)
  await messages.desk.change({ ...alice.user, displayName: 'Alice A.' }, 2)
  await eventually(async () => {
    expect((await alice.chat(notes.id)).participants[0]?.user.displayName).toBe('Alice B.')
  })
})

test('of a deleted account nothing personal stays, and nobody starts a conversation with it', async () => {
  await using messages = await startTestMessages()
  const [alice, bob] = await messages.joinAll(2)
  if (!alice || !bob) throw new Error('Nobody came')
  const chat = await messages.direct(alice, bob)
  const said = await bob.say(chat.id, 'still here')
  await messages.desk.delete(bob.id, 2)
  await eventually(async () => expect((await knows(messages, bob.id))?.deleted).toBe(true))
  await messages.desk.change(bob.user, 1)

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

test('the copy is made anew from the snapshot when the stream was lost', async () => {
  await using messages = await startTestMessages()
  await messages.join('Before')
  await messages.redis.stop()
  const { user } = await messages.desk.join('Meanwhile', { isTold: false })
  await messages.redis.start()
  await eventually(async () => expect(await knows(messages, user.id)).toBeTruthy(), { within: 15_000 })
})

test('a new database is filled although the stream has nothing new, once the users service answers', async () => {
  await using messages = await startTestMessages()
  const alice = await messages.join('Alice')
  messages.desk.setAway(true)
  const env = testEnv({
    databaseUrl: await createDatabase(),
    redisUrl: messages.redis.url,
    usersUrl: messages.desk.url,
  })
  await using second = await startMessages(readConfig(env))
  expect((await fetch(`${second.url}/health/ready`)).status).toBe(200)
  messages.desk.setAway(false)
  await eventually(
    async () =>
      expect(await second.ctx.prisma.userReplica.findUnique({ where: { id: alice.id } })).toBeTruthy(),
    { within: 15_000 },
  )
})

test('an event that cannot be read is put aside, and the next is heard', async () => {
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

test('a copy of the people has their names and what they keep to themselves', async () => {
  await using messages = await startTestMessages()
  const alice = await messages.join('Alice')
  expect(await knows(messages, alice.id)).toMatchObject({
    username: 'alice',
    hidesReads: false,
    preferences: { readReceipts: true, lastSeen: 'everyone' },
  })
  await messages.desk.change({ ...alice.user, username: 'alice.b' }, 2, { readReceipts: false })
  await eventually(async () =>
    expect(await knows(messages, alice.id)).toMatchObject({ username: 'alice.b', hidesReads: true }),
  )
})
