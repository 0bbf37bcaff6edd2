import { eventually, logLines } from '@finnigram/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { refresh } from '../src/auth/refresh.ts'
import { readUserEvents } from './read-user-events.ts'
import { startTestUsers, type TestUsers } from './start-test-users.ts'

let users: TestUsers
beforeAll(async () => {
  users = await startTestUsers()
})
afterAll(() => users[Symbol.asyncDispose]())

const refused = { status: 401, body: { code: 'unauthenticated' } }

/** As if the sessions' last refresh lay that much further back. */
const later = (userId: string, seconds: number) =>
  users.ctx.pool.query(
    'UPDATE sessions SET rotated_at = rotated_at - make_interval(secs => $2), expires_at = expires_at - make_interval(secs => $2) WHERE user_id = $1',
    [userId, seconds],
  )

test('answers with new tokens for the same session', async () => {
  const first = await users.register()
  const { status, body } = await users.refresh(first.refreshToken)

  expect(status).toBe(200)
  expect(body.user).toEqual(first.user)
  expect(body.refreshToken).not.toBe(first.refreshToken)
  const sessions = await users.call<{ items: unknown[] }>('GET /v1/auth/sessions', {
    token: body.accessToken,
  })
  expect(sessions.body.items).toHaveLength(1)
  expect((await users.refresh(body.refreshToken)).status).toBe(200)
})

test('a lost reply does no harm: the token just replaced has the same successor for 20 seconds', async () => {
  const { user, refreshToken } = await users.register()
  const first = await users.refresh(refreshToken)
  await later(user.id, 18)
  const again = await users.refresh(refreshToken)

  expect(again.status).toBe(200)
  expect(again.body.refreshToken).toBe(first.body.refreshToken)
  expect((await users.refresh(again.body.refreshToken)).status).toBe(200)
})

test('many at once get one successor', async () => {
  const { refreshToken } = await users.register()
  const replies = await Promise.all(Array.from({ length: 20 }, () => users.refresh(refreshToken)))

  expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]))
  expect(new Set(replies.map(({ body }) => body.refreshToken)).size).toBe(1)
})

test('an old token of a client that hung up ends no session', async () => {
  const { user, refreshToken } = await users.register()
  const { body } = await users.refresh(refreshToken)
  await later(user.id, 21)

  const late = refresh(users.ctx, { ip: '127.0.0.1', signal: AbortSignal.abort() }, refreshToken)
  await expect(late).rejects.toMatchObject({ code: 'unauthenticated' })
  expect((await users.refresh(body.refreshToken)).status).toBe(200)
})

test('the token just replaced ends the session after 20 seconds', async () => {
  const { user, refreshToken } = await users.register()
  const { body } = await users.refresh(refreshToken)
  await later(user.id, 21)

  expect(await users.refresh(refreshToken)).toMatchObject(refused)
  expect(await users.refresh(body.refreshToken)).toMatchObject(refused)
  expect(logLines()).toContainEqual(expect.objectContaining({ level: 'warn', userId: user.id }))
})

test('an older token ends the session at once and emits an event', async () => {
  const { user, refreshToken, accessToken } = await users.register()
  const other = await users.login(user.username)
  const second = await users.refresh(refreshToken)
  const third = await users.refresh(second.body.refreshToken)

  expect(await users.refresh(refreshToken)).toMatchObject(refused)
  expect(await users.refresh(third.body.refreshToken)).toMatchObject(refused)
  expect((await users.call('GET /v1/users/me', { token: accessToken })).status).toBe(401)
  expect((await users.refresh(other.body.refreshToken)).status).toBe(200)
  const ended = await eventually(async () => {
    const events = (await readUserEvents(users)).filter(
      ({ type, key }) => type === 'session.ended' && key === user.id,
    )
    expect(events).toHaveLength(1)
    return events[0]
  })
  expect(ended?.payload).toEqual({ userId: user.id, sessionId: expect.any(String) })
})

test('a session expires 30 days after its last refresh', async () => {
  const { user, refreshToken } = await users.register()
  const day = 86_400
  await later(user.id, 29 * day)
  const { body } = await users.refresh(refreshToken)
  await later(user.id, 29 * day)
  const next = await users.refresh(body.refreshToken)
  expect(next.status).toBe(200)
  await later(user.id, 31 * day)
  expect(await users.refresh(next.body.refreshToken)).toMatchObject(refused)
})

test('an invented secret of a known session does not sign in', async () => {
  const { refreshToken } = await users.register()
  const forged = refreshToken.slice(0, 22) + 'A'.repeat(42)
  expect(await users.refresh(forged)).toMatchObject(refused)
})

test.each(['x', 'A'.repeat(64), 'not base64url !', 'ü'.repeat(64), '\u0000'])(
  '%j is refused',
  async (token) => {
    expect(await users.refresh(token)).toMatchObject(refused)
  },
)

test('what is no token at all is not valid', async () => {
  for (const body of [{}, { refreshToken: 7 }, { refreshToken: '' }, { refreshToken: 'x'.repeat(513) }]) {
    expect(await users.call('POST /v1/auth/refresh', { body })).toMatchObject({
      status: 400,
      body: { code: 'validation_failed' },
    })
  }
})
