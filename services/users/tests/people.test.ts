import { newId, type PublicUser, type RouteReply, type usersApi } from '@finnigram/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { internalToken, newName, startTestUsers, type TestUsers } from './start-test-users.ts'

let users: TestUsers
let token: string
beforeAll(async () => {
  users = await startTestUsers()
  token = (await users.register({ username: 'the_asker', displayName: 'Asker' })).accessToken
})
afterAll(() => users[Symbol.asyncDispose]())

test('a person by id, without anything private', async () => {
  const { user } = await users.register({ email: `${newName()}@example.org` })
  const { status, body } = await users.call<PublicUser>(`GET /v1/users/${user.id}`, { token })
  expect(status).toBe(200)
  const {
    email: _email,
    emailVerified: _verified,
    pendingEmail: _pending,
    totpEnabled: _totp,
    preferences: _preferences,
    ...publicUser
  } = user
  expect(body).toEqual(publicUser)
})

test('an unknown person is not there', async () => {
  expect(await users.call(`GET /v1/users/${newId()}`, { token })).toMatchObject({
    status: 404,
    body: { code: 'not_found' },
  })
  expect((await users.call('GET /v1/users/not-an-id', { token })).status).toBe(400)
})

test('people by their ids, in the order asked for, each once', async () => {
  const [a, b] = [await users.register(), await users.register()]
  const ids = [b.user.id, newId(), a.user.id.toUpperCase(), b.user.id]
  const { status, body } = await users.call<{ items: PublicUser[] }>('POST /v1/users/lookup', {
    token,
    body: { ids },
  })
  expect(status).toBe(200)
  expect(body.items.map(({ id }) => id)).toEqual([b.user.id, a.user.id])
})

test.each([
  ['too many', { ids: Array.from({ length: 101 }, newId) }],
  ['other things', { ids: ['x', 7, null] }],
  ['nothing', {}],
])('a look-up of %s is refused', async (_what, body) => {
  expect((await users.call('POST /v1/users/lookup', { token, body })).status).toBe(400)
})

type Snapshot = RouteReply<typeof usersApi.snapshotUsers>

test('everyone is in the snapshot once, in order of id, with a version', async () => {
  const { user, accessToken } = await users.register()
  await users.call('PATCH /v1/users/me', { token: accessToken, body: { bio: 'changed' } })
  const all: Snapshot['items'] = []
  for (let after: string | null = ''; after !== null; ) {
    const page: { body: Snapshot } = await users.call<Snapshot>(
      `GET /internal/users/snapshot?limit=2${after && `&after=${after}`}`,
      { headers: { 'x-internal-token': internalToken } },
    )
    all.push(...page.body.items)
    after = page.body.nextAfter
  }
  const ids = all.map((item) => item.user.id)
  expect(ids).toEqual([...new Set(ids)].sort())
  const { rows } = await users.ctx.pool.query('SELECT count(*)::int AS count FROM users')
  expect(all).toHaveLength(rows[0].count)
  expect(all.find((item) => item.user.id === user.id)).toMatchObject({ version: 2, user: { bio: 'changed' } })
})
