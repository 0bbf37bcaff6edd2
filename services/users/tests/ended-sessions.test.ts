import { newId } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { purgeEndedSessions, purgeExpiredSessions } from '../src/auth/ended-sessions.ts'
import { startUsers, type UsersService } from '../src/service.ts'
import {
  caller,
  goodPassword,
  internalToken,
  startTestUsers,
  type TestUsers,
  testConfig,
} from './start-test-users.ts'

let users: TestUsers
let second: UsersService
beforeAll(async () => {
  users = await startTestUsers()
  second = await startUsers(testConfig({ databaseUrl: users.databaseUrl, redisUrl: users.redis.url }))
})
afterAll(async () => {
  await second[Symbol.asyncDispose]()
  await users[Symbol.asyncDispose]()
})

const listed = async () => {
  const reply = await users.call<{ sessionIds: string[] }>('GET /internal/sessions/ended', {
    headers: { 'x-internal-token': internalToken },
  })
  return reply.body.sessionIds
}
const sessionOf = (token: string): string =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).sid
const statusOf = async (url: string, token: string) =>
  (await caller(url)('GET /v1/users?query=somebody', { token })).status
const refused = (token: string, within = 5000) =>
  eventually(
    async () => {
      expect(await statusOf(users.url, token)).toBe(401)
      expect(await statusOf(second.url, token)).toBe(401)
    },
    { within },
  )

test('the list of ended sessions is for other services', async () => {
  const { accessToken: token } = await users.register()
  const path = 'GET /internal/sessions/ended'
  expect((await users.call(path)).status).toBe(401)
  expect((await users.call(path, { token })).status).toBe(401)
})

test('after a logout the access token is refused by every node, and no other is', async () => {
  const { accessToken, user } = await users.register()
  const other = await users.login(user.username)
  expect(await statusOf(second.url, accessToken)).toBe(200)

  await users.call('POST /v1/auth/logout', { token: accessToken })

  await refused(accessToken)
  for (const { url } of [users, second]) expect(await statusOf(url, other.body.accessToken)).toBe(200)
  expect(await listed()).toContain(sessionOf(accessToken))
  expect(await listed()).not.toContain(sessionOf(other.body.accessToken))
})

test('however a session ends, it is on the list', async () => {
  const first = await users.register()
  const login = async () => (await users.login(first.user.username)).body
  const [revoked, reused, expired, other] = [await login(), await login(), await login(), await login()]
  const { accessToken: token } = first

  await users.call(`DELETE /v1/auth/sessions/${sessionOf(revoked.accessToken)}`, { token })
  expect(await listed()).toContain(sessionOf(revoked.accessToken))

  const next = await users.refresh(reused.refreshToken)
  await users.refresh(next.body.refreshToken)
  expect((await users.refresh(reused.refreshToken)).status).toBe(401)
  expect(await listed()).toContain(sessionOf(reused.accessToken))

  await users.ctx.pool.query('UPDATE sessions SET expires_at = now() WHERE id = $1', [
    sessionOf(expired.accessToken),
  ])
  await purgeExpiredSessions(users.ctx)
  expect(await listed()).toContain(sessionOf(expired.accessToken))

  await users.call('DELETE /v1/auth/sessions', { token })
  expect(await listed()).toContain(sessionOf(other.accessToken))
  expect(await listed()).not.toContain(sessionOf(token))

  await users.call('DELETE /v1/users/me', { token, body: { password: goodPassword } })
  expect(await listed()).toContain(sessionOf(token))
  for (const { accessToken } of [first, revoked, reused, expired, other]) await refused(accessToken)
})

test('one session too many ends the one unused for longest, and its token', async () => {
  const first = await users.register()
  const oldest = sessionOf(first.accessToken)
  await users.ctx.pool.query(`UPDATE sessions SET last_seen_at = now() - interval '1 day' WHERE id = $1`, [
    oldest,
  ])
  await users.ctx.pool.query(
    `INSERT INTO sessions (id, user_id, family_hash, secret_hash, expires_at)
SELECT gen_random_uuid(), $1, sha256(n::text::bytea || $2), sha256(n::text::bytea), now() + interval '1 day'
FROM generate_series(1, 99) n`,
    [first.user.id, Buffer.from(newId())],
  )
  expect((await users.login(first.user.username)).status).toBe(200)
  expect(await listed()).toContain(oldest)
  await refused(first.accessToken)
})

test('a session leaves the list once its last token has expired', async () => {
  const { accessToken } = await users.register()
  await users.call('POST /v1/auth/logout', { token: accessToken })
  const age = (minutes: number) =>
    users.ctx.pool.query(
      'UPDATE ended_sessions SET ended_at = now() - make_interval(mins => $2) WHERE id = $1',
      [sessionOf(accessToken), minutes],
    )
  await age(15)
  await purgeEndedSessions(users.ctx.pool)
  expect(await listed()).toContain(sessionOf(accessToken))
  await age(17)
  expect(await listed()).not.toContain(sessionOf(accessToken))
  await purgeEndedSessions(users.ctx.pool)
  const { rows } = await users.ctx.pool.query('SELECT FROM ended_sessions WHERE id = $1', [
    sessionOf(accessToken),
  ])
  expect(rows).toEqual([])
})

test('a restarted node refuses sessions that ended before, and without Redis every node still learns of them', async () => {
  const before = await users.register()
  const during = await users.register()
  await users.call('POST /v1/auth/logout', { token: before.accessToken })
  await second[Symbol.asyncDispose]()
  second = await startUsers(testConfig({ databaseUrl: users.databaseUrl, redisUrl: users.redis.url }))
  expect(await statusOf(second.url, before.accessToken)).toBe(401)
  expect(await statusOf(second.url, during.accessToken)).toBe(200)

  await users.redis.stop()
  await users.call('POST /v1/auth/logout', { token: during.accessToken })
  await refused(during.accessToken)
})
