import { newId, type UserEventData } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { purgeExpiredSessions } from '../src/auth/ended-sessions.ts'
import { readUserEvents } from './read-user-events.ts'
import { goodPassword, startTestUsers, type TestUsers } from './start-test-users.ts'

let users: TestUsers
beforeAll(async () => {
  users = await startTestUsers()
})
afterAll(() => users[Symbol.asyncDispose]())

interface Listed {
  items: { id: string; device: unknown; ip: string | null; current: boolean; lastSeenAt: string }[]
}
const list = async (token: string) =>
  (await users.call<Listed>('GET /v1/auth/sessions', { token })).body.items

const endedSessions = async (userId: string) =>
  (await readUserEvents(users))
    .filter(({ type, key }) => type === 'session.ended' && key === userId)
    .map(({ payload }) => (payload as UserEventData['session.ended']).sessionId)

/** A person with three devices; the first is the one that acts. */
async function threeDevices() {
  const first = await users.register({ device: { name: 'Laptop', platform: 'web' } })
  const identifier = first.user.username
  const [second, third] = await Promise.all(
    ['ios', 'android'].map((platform) =>
      users.call<typeof first>('POST /v1/auth/login', {
        body: { identifier, password: goodPassword, device: { name: 'Phone', platform } },
      }),
    ),
  )
  if (!second || !third) throw new Error('No further sessions')
  return { first, second: second.body, third: third.body }
}

test('logging out ends this session and emits one event', async () => {
  const { first, second } = await threeDevices()
  const current = (await list(first.accessToken)).find((session) => session.current)

  expect((await users.call('POST /v1/auth/logout', { token: first.accessToken })).status).toBe(204)

  expect((await users.refresh(first.refreshToken)).body).toMatchObject({ code: 'unauthenticated' })
  expect((await users.call('GET /v1/users/me', { token: first.accessToken })).status).toBe(401)
  expect((await users.refresh(second.refreshToken)).status).toBe(200)
  await eventually(async () => expect(await endedSessions(first.user.id)).toEqual([current?.id]))
  await eventually(async () =>
    expect((await users.call('POST /v1/auth/logout', { token: first.accessToken })).status).toBe(401),
  )
  expect(await endedSessions(first.user.id)).toHaveLength(1)
})

test('lists the devices and marks this one', async () => {
  const { second } = await threeDevices()
  const items = await list(second.accessToken)

  expect(items).toHaveLength(3)
  expect(items.filter(({ current }) => current)).toMatchObject([
    { device: { name: 'Phone', platform: 'ios' } },
  ])
  expect(items.every(({ ip }) => ip === '127.0.0.1' || ip === '::1')).toBe(true)
})

test('one device signs another out', async () => {
  const { first, second, third } = await threeDevices()
  const items = await list(first.accessToken)
  const android = items.find(({ device }) => JSON.stringify(device).includes('android'))

  const remove = () => users.call(`DELETE /v1/auth/sessions/${android?.id}`, { token: first.accessToken })
  expect((await remove()).status).toBe(204)
  expect((await remove()).status).toBe(404)

  expect((await users.refresh(third.refreshToken)).status).toBe(401)
  expect((await users.refresh(second.refreshToken)).status).toBe(200)
  await eventually(async () => expect(await endedSessions(first.user.id)).toEqual([android?.id]))
})

test('one device signs all others out', async () => {
  const { first, second, third } = await threeDevices()
  expect((await users.call('DELETE /v1/auth/sessions', { token: first.accessToken })).status).toBe(204)

  expect((await users.refresh(second.refreshToken)).status).toBe(401)
  expect((await users.refresh(third.refreshToken)).status).toBe(401)
  expect((await users.refresh(first.refreshToken)).status).toBe(200)
  await eventually(async () => expect(await endedSessions(first.user.id)).toHaveLength(2))
})

test('a session that is over changes nothing any more', async () => {
  const { first, second } = await threeDevices()
  await users.call('POST /v1/auth/logout', { token: first.accessToken })
  const { accessToken: token } = first

  expect((await users.call('DELETE /v1/auth/sessions', { token })).status).toBe(401)
  expect((await users.call(`DELETE /v1/auth/sessions/${newId()}`, { token })).status).toBe(401)
  expect((await users.call('PATCH /v1/users/me', { token, body: { bio: 'mine now' } })).status).toBe(401)
  expect((await users.call('GET /v1/auth/sessions', { token })).status).toBe(401)
  expect((await users.refresh(second.refreshToken)).status).toBe(200)
})

test('the sessions of others are not there', async () => {
  const stranger = await users.register()
  const { first } = await threeDevices()
  const [theirs] = await list(first.accessToken)

  const reply = await users.call(`DELETE /v1/auth/sessions/${theirs?.id}`, { token: stranger.accessToken })
  expect(reply).toMatchObject({ status: 404, body: { code: 'not_found' } })
  expect(await list(first.accessToken)).toHaveLength(3)
  expect((await users.call('DELETE /v1/auth/sessions/7', { token: stranger.accessToken })).status).toBe(400)
})

test('expired sessions are deleted and emitted as ended', async () => {
  const { first, second } = await threeDevices()
  const before = await list(first.accessToken)
  const expired = before.filter(({ current }) => !current).map(({ id }) => id)
  await users.ctx.pool.query('UPDATE sessions SET expires_at = now() WHERE id = ANY($1)', [expired])
  expect(await list(first.accessToken)).toHaveLength(1)

  await Promise.all([purgeExpiredSessions(users.ctx), purgeExpiredSessions(users.ctx)])

  await eventually(async () => expect((await endedSessions(first.user.id)).sort()).toEqual(expired.sort()))
  expect((await users.refresh(second.refreshToken)).status).toBe(401)
})

test('last-seen times are recorded in memory and written in batches', async () => {
  const { first } = await threeDevices()
  await users.ctx.lastSeen.flush()
  await users.ctx.pool.query(`UPDATE users SET last_seen_at = now() - interval '1 day' WHERE id = $1`, [
    first.user.id,
  ])
  await users.ctx.pool.query(
    `UPDATE sessions SET last_seen_at = now() - interval '1 day' WHERE user_id = $1`,
    [first.user.id],
  )
  const old = (await list(first.accessToken)).find(({ current }) => current)
  expect(Date.parse(old?.lastSeenAt ?? '')).toBeLessThan(Date.now() - 80_000_000)

  await users.ctx.lastSeen.flush()

  const items = await list(first.accessToken)
  expect(Date.parse(items.find(({ current }) => current)?.lastSeenAt ?? '')).toBeGreaterThan(
    Date.now() - 60_000,
  )
  expect(items.filter(({ lastSeenAt }) => Date.parse(lastSeenAt) < Date.now() - 80_000_000)).toHaveLength(2)
  const me = await users.call<{ lastSeenAt: string }>('GET /v1/users/me', { token: first.accessToken })
  expect(Date.parse(me.body.lastSeenAt)).toBeGreaterThan(Date.now() - 60_000)
})
