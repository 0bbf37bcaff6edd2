import { fileURLToPath } from 'node:url'
import { ConversationEvent, type Message, newId, streamNames } from '@finnigram/contracts'
import { diffMigrations } from '@finnigram/service-kit'
import { createDatabase, eventually, freePort, startPostgres, watchOpenHandles } from '@finnigram/testing'
import { Redis } from 'ioredis'
import pg from 'pg'
import { expect, test } from 'vitest'
import { call } from './fixture/call.ts'
import { type Person, startTestMessages } from './fixture/start-test-messages.ts'

test('the migrations produce the schema', async () => {
  const path = (name: string) => fileURLToPath(new URL(`../prisma/${name}`, import.meta.url))
  const difference = await diffMigrations({
    dir: path('migrations'),
    schemaFiles: [path('schema.prisma')],
    url: await createDatabase(),
  })
  expect(difference).toBe('')
})

test('the first start waits for the database, answers 503 meanwhile, and serves once it is migrated', async () => {
  await using postgres = await startPostgres()
  const databaseUrl = await postgres.createDatabase()
  await postgres.stop()
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const starting = startTestMessages({ databaseUrl, env: { PORT: String(port) } })
  await eventually(async () =>
    expect(await call(url, 'GET /health/ready')).toMatchObject({
      status: 503,
      body: { dependencies: { postgres: { state: 'down' } } },
    }),
  )
  expect((await call(url, 'GET /health/live')).status).toBe(200)
  const early = await call(url, 'GET /v1/conversations', { token: 'whoever' })
  expect(early).toMatchObject({ status: 503, body: { code: 'unavailable' } })
  expect(Number(early.headers.get('retry-after'))).toBeGreaterThan(0)

  await postgres.start()
  await using messages = await starting
  expect((await call(url, 'GET /health/ready')).status).toBe(200)
  const alice = await messages.join('Alice')
  const notes = await messages.direct(alice, alice)
  expect((await alice.say(notes.id, 'there')).seq).toBe(1)
  const lines = postgres.log.flatMap((text) => text.split('\n'))
  expect(lines).toContainEqual(expect.stringContaining('ready to accept connections'))
  expect(lines.filter((line) => line.includes('ERROR'))).toEqual([])
}, 40_000)

test('a stopped node leaves no timer, listener or handle in its process', async () => {
  const databaseUrl = await createDatabase()
  using watch = watchOpenHandles()
  const messages = await startTestMessages({ databaseUrl })
  const alice = await messages.join('Alice')
  const notes = await messages.direct(alice, alice)
  await alice.say(notes.id, 'hello')
  const { commands } = messages.node.ctx.redis
  await messages[Symbol.asyncDispose]()
  await eventually(() => expect(watch.left()).toEqual([]), { within: 8000 })
  for (const event of ['ready', 'close', 'reconnecting']) expect(commands.listenerCount(event)).toBe(0)
})

test('while Redis is full, sends are acknowledged, and published once it has room', async () => {
  await using messages = await startTestMessages()
  const [alice, bob] = await messages.joinAll(2)
  if (!alice || !bob) throw new Error('Nobody came')
  const redis = new Redis(messages.redis.url)
  try {
    await redis.config('SET', 'maxmemory', '1mb')
    const chat = await messages.direct(alice, bob)
    for (let i = 0; i < 10; i += 1) await alice.say(chat.id, `#${i}`)
    await eventually(async () => {
      const { body } = await messages.call('GET /health/ready')
      expect(body).toMatchObject({ status: 'degraded', dependencies: { redis: { state: 'degraded' } } })
    })
    await redis.config('SET', 'maxmemory', '0')
    await eventually(
      async () => expect(await versionsInStreams(messages.redis.url, chat.id)).toHaveLength(11),
      {
        within: 10_000,
      },
    )
  } finally {
    redis.disconnect()
  }
})

test('without Redis people create, send, mark, read and sync; the events follow in order', async () => {
  await using messages = await startTestMessages()
  const [alice, bob] = await messages.joinAll(2)
  if (!alice || !bob) throw new Error('Nobody came')
  await messages.redis.stop()
  const chat = await messages.direct(alice, bob)
  for (let i = 0; i < 20; i += 1) await alice.say(chat.id, `#${i}`)
  expect((await bob.call(`POST /v1/conversations/${chat.id}/read`, { seq: 3 })).status).toBe(204)
  expect(await bob.call('POST /v1/sync', { known: {} })).toMatchObject({
    status: 200,
    body: { conversations: [{ id: chat.id, lastSeq: 20, me: { unreadCount: 17 } }] },
  })
  const ready = await messages.call('GET /health/ready')
  expect(ready).toMatchObject({
    status: 200,
    body: { status: 'degraded', dependencies: { redis: { state: 'down' }, postgres: { state: 'up' } } },
  })

  await messages.redis.start()

  const versions = await eventually(
    async () => {
      const found = await versionsInStreams(messages.redis.url, chat.id)
      expect(found).toHaveLength(21)
      return found
    },
    { within: 10_000 },
  )
  expect(versions).toEqual(Array.from({ length: 21 }, (_, i) => i + 1))
  await eventually(async () => expect(await waiting(messages.databaseUrl)).toBe(0))
})

async function versionsInStreams(url: string, chatId: string): Promise<number[]> {
  const redis = new Redis(url)
  try {
    const streams = await Promise.all(streamNames('messages').map((name) => redis.xrange(name, '-', '+')))
    return streams.flat().flatMap(([, fields]) => {
      const event = ConversationEvent.parse(JSON.parse(fields[fields.indexOf('payload') + 1] ?? ''))
      return event.conversationId === chatId ? event.version : []
    })
  } finally {
    redis.disconnect()
  }
}

async function waiting(databaseUrl: string): Promise<number> {
  const client = new pg.Client(databaseUrl)
  await client.connect()
  try {
    const { rows } = await client.query<{ count: number }>('SELECT count(*)::int FROM outbox')
    return rows[0]?.count ?? 0
  } finally {
    await client.end()
  }
}

test('while the database is away nothing is acknowledged; retries store everything once', async () => {
  await using postgres = await startPostgres()
  await using messages = await startTestMessages({ databaseUrl: await postgres.createDatabase() })
  const alice = await messages.join('Alice')
  const notes = await messages.direct(alice, alice)
  const queue = Array.from({ length: 60 }, (_, i) => ({ id: newId(), text: `#${i}` }))
  const sending = sendAll(alice, notes.id, queue)
  await postgres.stop()
  const away = await alice.call(`POST /v1/conversations/${notes.id}/messages`, { id: newId(), text: 'x' })
  expect(away).toMatchObject({ status: 503, body: { code: 'unavailable' } })
  expect(Number(away.headers.get('retry-after'))).toBeGreaterThan(0)
  expect((await messages.call('GET /health/ready')).status).toBe(503)
  expect((await messages.call('GET /health/live')).status).toBe(200)
  await postgres.start()

  await sending
  const { body } = await alice.call<{ items: Message[] }>(
    `GET /v1/conversations/${notes.id}/messages?limit=100`,
  )
  expect(body.items.map(({ id }) => id)).toEqual(queue.map(({ id }) => id))
})

/** Sends as a device does: in order, each until it is acknowledged. */
async function sendAll(person: Person, chatId: string, queue: { id: string; text: string }[]): Promise<void> {
  for (const message of queue) {
    await eventually(
      async () => {
        const { status } = await person.call(`POST /v1/conversations/${chatId}/messages`, message)
        expect([200, 201]).toContain(status)
      },
      { within: 15_000 },
    )
  }
}

test('connections cut in the middle of sends lose and repeat nothing', async () => {
  await using messages = await startTestMessages()
  const alice = await messages.join('Alice')
  const chats = await Promise.all([1, 2, 3, 4].map(() => messages.group(alice)))
  const admin = new pg.Client(messages.databaseUrl)
  await admin.connect()
  const cut = setInterval(() => {
    const others =
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()'
    admin.query(others).catch(() => {})
  }, 40)
  const queues = chats.map(() => Array.from({ length: 25 }, (_, i) => ({ id: newId(), text: `#${i}` })))
  try {
    await Promise.all(chats.map(({ id }, i) => sendAll(alice, id, queues[i] ?? [])))
  } finally {
    clearInterval(cut)
    await admin.end()
  }
  for (const [i, { id }] of chats.entries()) {
    const page = await eventually(async () => {
      const { status, body } = await alice.call<{ items: Message[] }>(`GET /v1/conversations/${id}/messages`)
      expect(status).toBe(200)
      return body.items
    })
    expect(page.map((message) => message.id)).toEqual(queues[i]?.map((message) => message.id))
    expect(page.map(({ seq }) => seq)).toEqual(Array.from({ length: 25 }, (_, n) => n + 1))
  }
})

test('an invalid setting is named', async () => {
  await expect(startTestMessages({ env: { INTERNAL_TOKEN: 'short', USERS_URL: 'x' } })).rejects.toThrow(
    /INTERNAL_TOKEN[\s\S]*USERS_URL/,
  )
})
