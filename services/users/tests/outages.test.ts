import { fileURLToPath } from 'node:url'
import { diffMigrations } from '@finnigram/service-kit'
import { createDatabase, eventually, freePort, startPostgres, watchOpenHandles } from '@finnigram/testing'
import { expect, test } from 'vitest'
import { readUserEvents } from './read-user-events.ts'
import { caller, startTestUsers } from './start-test-users.ts'

test('migrations and schema agree', async () => {
  const path = (name: string) => fileURLToPath(new URL(`../prisma/${name}`, import.meta.url))
  const difference = await diffMigrations({
    dir: path('migrations'),
    schemaFiles: [path('schema.prisma')],
    url: await createDatabase(),
  })
  expect(difference).toBe('')
})

test('the first start waits for its database, answers 503 meanwhile, and queries no table before it exists', async () => {
  await using postgres = await startPostgres()
  const databaseUrl = await postgres.createDatabase()
  await postgres.stop()
  const port = await freePort()
  const starting = startTestUsers({ DATABASE_URL: databaseUrl, PORT: String(port) })
  const call = caller(`http://127.0.0.1:${port}`)
  await eventually(async () =>
    expect(await call('GET /health/ready')).toMatchObject({
      status: 503,
      body: { dependencies: { postgres: { state: 'down' } } },
    }),
  )
  expect((await call('GET /health/live')).status).toBe(200)
  const early = await call('POST /v1/auth/login', { body: { identifier: 'ada', password: 'not there yet' } })
  expect(early).toMatchObject({ status: 503, body: { code: 'unavailable' } })
  expect(Number(early.headers.get('retry-after'))).toBeGreaterThan(0)

  await postgres.start()
  await using users = await starting
  expect((await call('GET /health/ready')).status).toBe(200)
  const { user } = await users.register()
  expect((await users.login(user.username)).status).toBe(200)
  const lines = postgres.log.flatMap((text) => text.split('\n'))
  expect(lines).toContainEqual(expect.stringContaining('ready to accept connections'))
  expect(lines.filter((line) => line.includes('ERROR'))).toEqual([])
}, 40_000)

test('without Redis people register, sign in and change their profile; the events follow', async () => {
  await using users = await startTestUsers()
  await users.redis.stop()
  const { user, accessToken } = await users.register()
  expect((await users.login(user.username)).status).toBe(200)
  const reply = await users.call('PATCH /v1/users/me', { token: accessToken, body: { bio: 'in the dark' } })
  expect(reply.status).toBe(200)
  const ready = await users.call('GET /health/ready')
  expect(ready).toMatchObject({ status: 200, body: { status: 'degraded' } })

  await users.redis.start()

  const types = await eventually(
    async () => {
      const events = (await readUserEvents(users)).filter(({ key }) => key === user.id)
      expect(events).toHaveLength(2)
      return events.map(({ type }) => type)
    },
    { within: 10_000 },
  )
  expect(types).toEqual(['user.created', 'user.updated'])
})

test('a disposed service leaves no timer, listener or open handle', async () => {
  const databaseUrl = await createDatabase()
  using watch = watchOpenHandles()
  const users = await startTestUsers({ DATABASE_URL: databaseUrl })
  const { accessToken } = await users.register()
  expect((await users.call('GET /v1/users/me', { token: accessToken })).status).toBe(200)
  const { commands } = users.ctx.redis
  await users[Symbol.asyncDispose]()
  await eventually(() => expect(watch.left()).toEqual([]), { within: 8000 })
  for (const event of ['ready', 'close', 'reconnecting']) expect(commands.listenerCount(event)).toBe(0)
})

test('without its database the service answers 503, stays up, and recovers within seconds', async () => {
  await using postgres = await startPostgres()
  await using users = await startTestUsers({ DATABASE_URL: await postgres.createDatabase() })
  const { user, accessToken } = await users.register()
  await postgres.stop()

  const away = await users.call('GET /v1/users/me', { token: accessToken })
  expect(away).toMatchObject({ status: 503, body: { code: 'unavailable' } })
  expect(Number(away.headers.get('retry-after'))).toBeGreaterThan(0)
  expect((await users.login(user.username)).status).toBe(503)
  expect((await users.call('GET /health/ready')).status).toBe(503)
  expect((await users.call('GET /health/live')).status).toBe(200)
  expect((await users.call('GET /.well-known/jwks.json')).status).toBe(200)

  await postgres.start()

  await eventually(async () => expect((await users.login(user.username)).status).toBe(200))
})

test('a wrong setting is named', async () => {
  await expect(startTestUsers({ INTERNAL_TOKEN: 'short', PORT: 'x' })).rejects.toThrow(
    /PORT[\s\S]*INTERNAL_TOKEN/,
  )
})
