import type { Me, Problem, PublicUser } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readUserEvents } from './read-user-events.ts'
import { goodPassword, newName, startTestUsers, type TestUsers } from './start-test-users.ts'

let users: TestUsers
beforeAll(async () => {
  users = await startTestUsers()
})
afterAll(() => users[Symbol.asyncDispose]())

const change = (token: string, body: object, headers: Record<string, string> = {}) =>
  users.call<Me>('PATCH /v1/users/me', { token, body: { password: goodPassword, ...body }, headers })
const me = async (token: string) => (await users.call<Me>('GET /v1/users/me', { token })).body
const eventsOf = async (userId: string) => (await readUserEvents(users)).filter(({ key }) => key === userId)

test('changes what is named and nothing else', async () => {
  const { user, accessToken } = await users.register()
  const { status, body } = await change(accessToken, {
    displayName: '  Anna   Smith ',
    bio: 'Hello\r\nthere',
  })

  expect(status).toBe(200)
  expect(body).toEqual({ ...user, displayName: 'Anna Smith', bio: 'Hello\nthere', version: 2 })
  expect(await me(accessToken)).toEqual(body)
  expect((await change(accessToken, { bio: '' })).body.bio).toBe('')
  expect((await change(accessToken, {})).body.displayName).toBe('Anna Smith')
})

test('preferences change one by one', async () => {
  const { user, accessToken } = await users.register()
  await change(accessToken, { preferences: { theme: 'dark', notifications: { sound: false } } })
  const { body } = await change(accessToken, { preferences: { locale: 'de' } })
  expect(body.preferences).toEqual({
    ...user.preferences,
    theme: 'dark',
    locale: 'de',
    notifications: { push: true, preview: true, sound: false, quietHours: null },
  })
})

test('changes at the same moment are all kept', async () => {
  const { user, accessToken } = await users.register()
  await Promise.all([
    change(accessToken, { displayName: 'Anna' }),
    change(accessToken, { bio: 'Here I am' }),
    change(accessToken, { preferences: { theme: 'dark' } }),
    change(accessToken, { preferences: { notifications: { push: false } } }),
  ])
  expect(await me(accessToken)).toMatchObject({
    displayName: 'Anna',
    bio: 'Here I am',
    preferences: { theme: 'dark', notifications: { push: false } },
  })
  const { rows } = await users.ctx.pool.query('SELECT version FROM users WHERE id = $1', [user.id])
  expect(rows).toEqual([{ version: 5 }])
})

test('another username is found and signs in; the former one stays reserved for two weeks', async () => {
  const { user, accessToken } = await users.register()
  const username = newName('renamed')
  expect((await change(accessToken, { username: username.toUpperCase() })).body.username).toBe(username)

  expect((await users.login(username)).status).toBe(200)
  expect((await users.login(user.username)).status).toBe(401)
  const found = await users.call<{ items: PublicUser[] }>(`GET /v1/users?query=${username}`, {
    token: accessToken,
  })
  expect(found.body.items.map(({ id }) => id)).toEqual([user.id])
  const taken = { status: 409, body: { code: 'username_taken' } }
  const stranger = await users.register()
  expect(await change(stranger.accessToken, { username: user.username })).toMatchObject(taken)
  const body = { username: user.username, displayName: 'Somebody else', password: goodPassword }
  expect(await users.call('POST /v1/auth/register', { body })).toMatchObject(taken)
  expect((await change(accessToken, { username: user.username })).body.username).toBe(user.username)

  expect((await change(accessToken, { username })).status).toBe(200)
  await users.ctx.pool.query(
    `UPDATE former_usernames SET given_up_at = now() - interval '15 days' WHERE user_id = $1`,
    [user.id],
  )
  expect((await users.register({ username: user.username })).user.username).toBe(user.username)
})

test('a username can be changed five times in two weeks; tries that fail do not count', async () => {
  const other = await users.register()
  const { user, accessToken } = await users.register()
  for (let n = 0; n < 6; n += 1)
    expect((await change(accessToken, { username: other.user.username })).status).toBe(409)
  for (let n = 0; n < 5; n += 1)
    expect((await change(accessToken, { username: newName('again') })).status).toBe(200)
  const before = await me(accessToken)
  const refused = await change(accessToken, { username: newName('again'), bio: 'x' })
  expect(refused).toMatchObject({ status: 429, body: { code: 'rate_limited' } })
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(13 * 24 * 3600)
  expect(await me(accessToken)).toEqual(before)
  expect((await change(accessToken, { username: before.username, bio: 'y' })).status).toBe(200)
  const { rows } = await users.ctx.pool.query('SELECT FROM former_usernames WHERE user_id = $1', [user.id])
  expect(rows).toHaveLength(5)
})

test('a name that is given up and requested at the same moment goes to nobody else', async () => {
  for (let n = 0; n < 5; n += 1) {
    const { user, accessToken } = await users.register()
    const body = { username: user.username, displayName: 'Quick', password: goodPassword }
    const [, ...replies] = await Promise.all([
      change(accessToken, { username: newName('renamed') }),
      ...Array.from({ length: 4 }, () => users.call('POST /v1/auth/register', { body })),
    ])
    expect(replies.map(({ status }) => status)).toEqual([409, 409, 409, 409])
  }
})

test('names and addresses that are taken are refused, and nothing is changed', async () => {
  const email = `${newName()}@example.org`
  const other = await users.register({ email })
  await users.ctx.pool.query('UPDATE users SET email_verified = true WHERE id = $1', [other.user.id])
  const { user, accessToken } = await users.register()

  const username = await change(accessToken, { username: other.user.username, bio: 'x' })
  expect(username).toMatchObject({ status: 409, body: { code: 'username_taken' } })
  const address = await change(accessToken, { email: email.toUpperCase(), bio: 'x' })
  expect(address).toMatchObject({ status: 409, body: { code: 'email_taken' } })
  expect(await me(accessToken)).toEqual(user)
  expect((await change(accessToken, { username: user.username.toUpperCase() })).status).toBe(200)
})

test('another address waits for its proof, the same in other case needs none', async () => {
  const email = `${newName()}@example.org`
  const { user, accessToken } = await users.register({ email })
  await users.ctx.pool.query('UPDATE users SET email_verified = true WHERE id = $1', [user.id])

  expect((await change(accessToken, { email: email.toUpperCase() })).body).toMatchObject({
    emailVerified: true,
  })
  expect((await change(accessToken, { email: `x${email}` })).body).toMatchObject({
    emailVerified: true,
    pendingEmail: `x${email}`,
  })
  expect((await change(accessToken, { email: null })).body).toMatchObject({
    email: null,
    emailVerified: false,
  })
})

test('every change is published once, in order, with the request’s id', async () => {
  const { user, accessToken } = await users.register({ email: `${newName()}@example.org` })
  await change(accessToken, { displayName: 'One' }, { 'x-request-id': 'change-one' })
  await change(accessToken, { displayName: 'Two' })
  await change(accessToken, { displayName: 'Two' })
  await change(accessToken, { username: 'a' })

  const events = await eventually(async () => {
    const found = await eventsOf(user.id)
    expect(found).toHaveLength(3)
    return found
  })
  expect(events.map(({ type, payload }) => [type, 'version' in payload ? payload.version : 0])).toEqual([
    ['user.created', 1],
    ['user.updated', 2],
    ['user.updated', 3],
  ])
  expect(events[1]).toMatchObject({ requestId: 'change-one', payload: { user: { displayName: 'One' } } })
  expect(JSON.stringify(events)).not.toContain('example.org')
})

test('a hidden last-seen time is hidden everywhere, except from its owner', async () => {
  const { user, accessToken } = await users.register()
  const { accessToken: token } = await users.register()
  /** By id, by search and by look-up. */
  const seen = async () => {
    const one = await users.call<PublicUser>(`GET /v1/users/${user.id}`, { token })
    const found = await users.call<{ items: PublicUser[] }>(`GET /v1/users?query=${user.username}`, { token })
    const body = { ids: [user.id] }
    const looked = await users.call<{ items: PublicUser[] }>('POST /v1/users/lookup', { token, body })
    return [one.body, ...found.body.items, ...looked.body.items].map(({ lastSeenAt }) => lastSeenAt)
  }
  const emitted = async () =>
    (await eventsOf(user.id)).map(({ payload }) => ('user' in payload ? payload.user?.lastSeenAt : undefined))
  const some = expect.any(String)
  expect(await seen()).toEqual([some, some, some])

  for (const lastSeen of ['nobody', 'contacts']) {
    await change(accessToken, { preferences: { lastSeen } })
    expect(await seen()).toEqual([null, null, null])
    expect((await me(accessToken)).lastSeenAt).toEqual(some)
  }
  await change(accessToken, { preferences: { lastSeen: 'everyone' } })
  expect(await seen()).toEqual([some, some, some])
  await eventually(async () => expect(await emitted()).toEqual([null, null, null, null]))
})

test('everyone may add a user to groups by default, and a change is emitted', async () => {
  const { user, accessToken } = await users.register()
  expect((await me(accessToken)).preferences.addToGroups).toBe('everyone')
  expect(await change(accessToken, { preferences: { addToGroups: 'friends' } })).toMatchObject({
    status: 400,
  })
  for (const addToGroups of ['nobody', 'contacts']) {
    const { body } = await change(accessToken, { preferences: { addToGroups } })
    expect(body).toMatchObject({ preferences: { addToGroups, lastSeen: 'everyone' } })
  }
  const emitted = async () =>
    (await eventsOf(user.id)).map(({ payload }) =>
      'preferences' in payload ? payload.preferences.addToGroups : undefined,
    )
  await eventually(async () => expect(await emitted()).toEqual(['everyone', 'nobody', 'contacts']))
})

test('all mistakes come at once', async () => {
  const { accessToken } = await users.register()
  const { status, body } = await users.call<Problem>('PATCH /v1/users/me', {
    token: accessToken,
    body: {
      displayName: '',
      username: 'no spaces please',
      email: 'nowhere',
      bio: 'x'.repeat(301),
      preferences: { theme: 'pink', readReceipts: 'yes', notifications: { push: 1 } },
    },
  })
  expect(status).toBe(400)
  expect(body.errors?.map(({ path }) => path)).toEqual(
    expect.arrayContaining([
      'body.displayName',
      'body.username',
      'body.email',
      'body.bio',
      'body.preferences.theme',
      'body.preferences.readReceipts',
      'body.preferences.notifications.push',
    ]),
  )
})

test.each(['\u0000', '\uD800', 'de_DE', 'x'.repeat(36), ''])('%j is no locale', async (locale) => {
  const { accessToken } = await users.register()
  const { status } = await change(accessToken, { preferences: { locale } })
  expect(status).toBe(400)
})

test('fields that a user may not change are ignored', async () => {
  const { user, accessToken } = await users.register()
  const { body } = await change(accessToken, {
    id: 'x',
    emailVerified: true,
    version: 99,
    createdAt: '2020-01-01T00:00:00.000Z',
    preferences: { secret: 'kept?' },
  })
  expect(body).toEqual(user)
})
