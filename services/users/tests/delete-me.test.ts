import type { Problem, PublicUser } from '@finnigram/contracts'
import { eventually } from '@finnigram/service-kit/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readUserEvents } from './read-user-events.ts'
import { startTestUsers, type TestUsers } from './start-test-users.ts'

let users: TestUsers
beforeAll(async () => {
  users = await startTestUsers()
})
afterAll(() => users[Symbol.asyncDispose]())

test('a deleted account leaves nothing personal, ends its sessions and is told', async () => {
  const body = {
    username: 'leaving.soon',
    displayName: 'Leaving Soon',
    password: 'off to the mountains',
    email: 'leaving@example.org',
  }
  const { user, accessToken, refreshToken } = await users.register(body)
  const other = await users.register()

  const wrong = await users.call<Problem>('DELETE /v1/users/me', {
    token: accessToken,
    body: { password: 'not this one' },
  })
  expect([wrong.status, wrong.body.code]).toEqual([401, 'invalid_credentials'])
  const gone = await users.call('DELETE /v1/users/me', {
    token: accessToken,
    body: { password: body.password },
  })
  expect(gone.status).toBe(204)

  const seen = await users.call<PublicUser>(`GET /v1/users/${user.id}`, { token: other.accessToken })
  expect(seen.body).toMatchObject({
    id: user.id,
    displayName: 'Deleted account',
    bio: '',
    avatarUrl: null,
    lastSeenAt: null,
    deleted: true,
  })
  expect(JSON.stringify(seen.body)).not.toContain('leaving')
  const found = await users.call<{ items: PublicUser[] }>('GET /v1/users?query=leaving', {
    token: other.accessToken,
  })
  expect(found.body.items).toEqual([])

  for (const identifier of [body.username, body.email, seen.body.username]) {
    const login = await users.call('POST /v1/auth/login', { body: { identifier, password: body.password } })
    expect(login.status).toBe(401)
  }
  expect((await users.call('POST /v1/auth/refresh', { body: { refreshToken } })).status).toBe(401)
  expect(
    (await users.call('DELETE /v1/users/me', { token: accessToken, body: { password: body.password } }))
      .status,
  ).toBe(401)

  const told = async () =>
    (await readUserEvents(users)).filter(({ key }) => key === user.id).map(({ type }) => type)
  await eventually(async () =>
    expect(await told()).toEqual(['user.created', 'session.ended', 'user.deleted']),
  )
  expect((await users.register(body)).user.username).toBe(body.username)
})
