import type { Problem } from '@finnigram/contracts'
import { hash } from '@node-rs/argon2'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { login } from '../src/auth/login.ts'
import { goodPassword, newName, startTestUsers, type TestUsers } from './start-test-users.ts'

let users: TestUsers
beforeAll(async () => {
  users = await startTestUsers()
})
afterAll(() => users[Symbol.asyncDispose]())

test('signs in by username or address, however they are written', async () => {
  const email = `${newName()}@Example.org`
  const { user } = await users.register({ email })

  for (const identifier of [user.username, ` ${user.username.toUpperCase()} `, email, email.toLowerCase()]) {
    const { status, body } = await users.login(identifier)
    expect(status).toBe(200)
    expect(body.user.id).toBe(user.id)
    expect((await users.call('GET /v1/users/me', { token: body.accessToken })).status).toBe(200)
  }
})

test('each login is a session of its own', async () => {
  const { user, refreshToken } = await users.register()
  const { body } = await users.login(user.username)
  expect(body.refreshToken).not.toBe(refreshToken)
  expect((await users.refresh(refreshToken)).status).toBe(200)
  expect((await users.refresh(body.refreshToken)).status).toBe(200)
})

test('an unknown person and a wrong password get the same answer', async () => {
  const { user } = await users.register()
  const strip = ({ requestId: _, ...problem }: Problem) => problem
  const wrong = await users.call<Problem>('POST /v1/auth/login', {
    body: { identifier: user.username, password: 'not this one' },
  })
  const unknown = await users.call<Problem>('POST /v1/auth/login', {
    body: { identifier: newName(), password: 'not this one' },
  })
  expect(wrong).toMatchObject({ status: 401, body: { code: 'invalid_credentials' } })
  expect(unknown.status).toBe(401)
  expect(strip(unknown.body)).toEqual(strip(wrong.body))
})

test('an unknown person and a wrong password cost the same: one hash of a password', async () => {
  const { user } = await users.register()
  const verify = vi.spyOn(users.ctx.hasher, 'verify')
  const hash = vi.spyOn(users.ctx.hasher, 'hash')
  await users.login(user.username, 'not this one')
  expect([verify.mock.calls.length, hash.mock.calls.length]).toEqual([1, 0])
  await users.login(newName(), 'not this one')
  expect([verify.mock.calls.length, hash.mock.calls.length]).toEqual([2, 0])
  expect(verify.mock.lastCall?.slice(0, 2)).toEqual(['not this one', undefined])
  vi.restoreAllMocks()
})

test('an unknown person and a wrong password ask the database for the same', async () => {
  const { user } = await users.register()
  const asked = []
  for (const identifier of [user.username, newName()]) {
    const pool: typeof users.ctx.pool = Object.create(users.ctx.pool)
    const query = vi.spyOn(pool, 'query')
    const connect = vi.spyOn(pool, 'connect')
    const credentials = { identifier, password: 'not this one' }
    await expect(login({ ...users.ctx, pool }, { ip: '192.0.2.1' }, credentials)).rejects.toMatchObject({
      code: 'invalid_credentials',
    })
    // What is done to which table: at an unknown name one row an hour is written over.
    const texts = query.mock.calls.map(([sql]: unknown[]) =>
      typeof sql === 'string' ? sql.split(/[\s(]+/, 3).join(' ') : 'by name',
    )
    asked.push({ texts, connections: connect.mock.calls.length })
  }
  expect(asked[0]?.texts).toHaveLength(2)
  expect(asked[1]).toEqual(asked[0])
})

test('a hash made with other parameters is renewed', async () => {
  const { user } = await users.register()
  const cheap = await hash(goodPassword, { memoryCost: 8192, timeCost: 1, parallelism: 1 })
  await users.ctx.pool.query('UPDATE users SET password_hash = $2 WHERE id = $1', [user.id, cheap])

  expect((await users.login(user.username)).status).toBe(200)

  const { rows } = await users.ctx.pool.query('SELECT password_hash FROM users WHERE id = $1', [user.id])
  expect(rows[0].password_hash).toContain('m=19456,t=2,p=1')
  expect((await users.login(user.username)).status).toBe(200)
})

test('a password is the same however its accents were typed', async () => {
  const { user } = await users.register({ password: 'crème brûlée'.normalize('NFC') })
  expect((await users.login(user.username, 'crème brûlée'.normalize('NFD'))).status).toBe(200)
  expect((await users.login(user.username, 'creme brulee')).status).toBe(401)
})

test('the session beyond the hundredth ends the one unused for longest', async () => {
  const { user, refreshToken } = await users.register()
  await users.ctx.pool.query(
    `INSERT INTO sessions (id, user_id, family_hash, secret_hash, expires_at)
SELECT gen_random_uuid(), $1, sha256(n::text::bytea), 'x', now() + interval '1 day' FROM generate_series(1, 99) AS n`,
    [user.id],
  )
  await users.ctx.pool.query(
    `UPDATE sessions SET last_seen_at = now() - interval '1 day' WHERE family_hash = sha256('7')`,
  )

  expect((await users.login(user.username)).status).toBe(200)

  const { rows } = await users.ctx.pool.query(
    `SELECT count(*)::int AS all, count(*) FILTER (WHERE family_hash = sha256('7'))::int AS old FROM sessions WHERE user_id = $1`,
    [user.id],
  )
  expect(rows[0]).toEqual({ all: 100, old: 0 })
  expect((await users.refresh(refreshToken)).status).toBe(200)
})

test.each([
  ['nothing', {}],
  ['numbers', { identifier: 1, password: 2 }],
  ['an empty name', { identifier: '', password: 'x' }],
  ['endless text', { identifier: 'x'.repeat(255), password: 'y'.repeat(257) }],
])('%s is refused as not valid', async (_what, body) => {
  expect(await users.call('POST /v1/auth/login', { body })).toMatchObject({
    status: 400,
    body: { code: 'validation_failed' },
  })
})

test.each(["' OR 1=1 --", 'a\u0000b', '%', '\uD800', '@', 'a@b@c'])('%j is nobody', async (identifier) => {
  expect((await users.login(identifier)).status).toBe(401)
})
