import type { Problem, PublicUser, SignedIn } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { drawPng } from './draw-images.ts'
import { readUserEvents } from './read-user-events.ts'
import { goodPassword, newName, startTestUsers, type TestUsers } from './start-test-users.ts'

let users: TestUsers
beforeAll(async () => {
  users = await startTestUsers()
})
afterAll(() => users[Symbol.asyncDispose]())

test('a deleted account leaves nothing personal, ends its sessions and emits an event', async () => {
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
    username: 'deleted',
    displayName: 'Deleted account',
    bio: '',
    avatarUrl: null,
    lastSeenAt: null,
    deleted: true,
  })
  expect(JSON.stringify(seen.body)).not.toContain('leaving')
  for (const query of ['leaving', 'deleted', 'del', `:${user.id}`, user.id]) {
    const found = await users.call<{ items: PublicUser[] }>(`GET /v1/users?query=${query}`, {
      token: other.accessToken,
    })
    expect(found.body.items).toEqual([])
  }

  for (const identifier of [body.username, body.email, seen.body.username, `:${user.id}`]) {
    const login = await users.call('POST /v1/auth/login', { body: { identifier, password: body.password } })
    expect(login.status).toBe(401)
  }
  expect((await users.call('POST /v1/auth/refresh', { body: { refreshToken } })).status).toBe(401)
  expect(
    (await users.call('DELETE /v1/users/me', { token: accessToken, body: { password: body.password } }))
      .status,
  ).toBe(401)

  const emitted = async () =>
    (await readUserEvents(users)).filter(({ key }) => key === user.id).map(({ type }) => type)
  await eventually(async () =>
    expect(await emitted()).toEqual(['user.created', 'session.ended', 'user.deleted']),
  )
  const [ended] = (await readUserEvents(users)).filter(({ type }) => type === 'user.deleted')
  const left = { id: user.id, displayName: 'Deleted account', bio: '', avatarUrl: null, deleted: true }
  expect(ended?.payload).toMatchObject({ version: 2, user: { ...left, version: 2 } })
  expect((await users.register(body)).user.username).toBe(body.username)
})

const leave = ({ accessToken: token }: SignedIn) =>
  users.call('DELETE /v1/users/me', { token, body: { password: goodPassword } })

/** Everything this person can leave behind. */
async function leaveTraces({ accessToken: token, user }: SignedIn, other: SignedIn): Promise<void> {
  await fetch(`${users.url}/v1/users/me/avatar`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'image/png' },
    body: new Uint8Array(drawPng({ width: 9, height: 9 })),
  })
  await users.call('PUT /v1/users/me/devices/phone', {
    token,
    body: { kind: 'expo', token: `ExponentPushToken[${user.username}]`, name: 'Phone' },
  })
  await users.call(`PUT /v1/users/me/blocks/${other.user.id}`, { token })
  await users.call(`PUT /v1/users/me/blocks/${user.id}`, { token: other.accessToken })
  await users.call('POST /v1/auth/totp', { token, body: { password: goodPassword } })
  await users.call('POST /v1/auth/password/forgot', { body: { email: user.email } })
  await users.login(user.username, 'not the password')
  const { pool } = users.ctx
  await pool.query(`INSERT INTO recovery_codes VALUES ($1, 'code')`, [user.id])
  await pool.query(`INSERT INTO exports VALUES ($1, now() + interval '1 minute')`, [user.id])
}

/**
 * The tables that contain a text, with how often. Without `outbox_sent`, which is kept for two
 * minutes.
 */
async function tablesWith(text: string): Promise<Record<string, number>> {
  const { pool } = users.ctx
  const { rows: tables } = await pool.query<{ name: string }>(
    `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE '\\_prisma%'
  AND tablename <> 'outbox_sent'`,
  )
  const found: Record<string, number> = {}
  for (const { name } of tables) {
    const { rows } = await pool.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM "${name}" t WHERE t::text LIKE '%' || $1 || '%'`,
      [text],
    )
    if (rows[0] && rows[0].count > 0) found[name] = rows[0].count
  }
  return found
}

test('no table keeps a trace of a deleted account but its id, and that it ended', async () => {
  const username = newName('traces')
  const ada = await users.register({ username, email: `${username}@example.org` })
  await leaveTraces(ada, await users.register())
  const before = await tablesWith(ada.user.id)
  for (const table of ['avatars', 'devices', 'blocks', 'sessions', 'recovery_codes', 'exports']) {
    expect(before).toHaveProperty(table)
  }

  expect((await leave(ada)).status).toBe(204)
  await eventually(async () => expect(await tablesWith(username)).toEqual({}))
  const { users: row, security_events: events = 0, ...others } = await tablesWith(ada.user.id)
  expect([row, others]).toEqual([1, {}])
  expect(events).toBeLessThanOrEqual(1)
})

test('deleting an account emits the end of its blocks and deletes its picture', async () => {
  const [ada, bob] = [await users.register(), await users.register()]
  await leaveTraces(ada, bob)
  await users.call(`DELETE /v1/users/me/blocks/${bob.user.id}`, { token: ada.accessToken })
  await users.call(`PUT /v1/users/me/blocks/${bob.user.id}`, { token: ada.accessToken })
  await leave(ada)

  const changes = await eventually(async () => {
    const events = (await readUserEvents(users)).filter(
      ({ type, key }) => type === 'block.changed' && [ada.user.id, bob.user.id].includes(key),
    )
    expect(events).toHaveLength(6)
    return events.slice(-2).map(({ payload }) => payload)
  })
  expect(changes).toEqual(
    expect.arrayContaining([
      { userId: ada.user.id, blockedId: bob.user.id, isBlocked: false, version: 4 },
      { userId: bob.user.id, blockedId: ada.user.id, isBlocked: false, version: 2 },
    ]),
  )
  const token = bob.accessToken
  expect((await users.call(`GET /v1/users/${ada.user.id}/avatar`, { token })).status).toBe(404)
  const blocked = await users.call<{ items: PublicUser[] }>('GET /v1/users/me/blocks', { token })
  expect(blocked.body.items).toEqual([])
  const seen = await users.call<PublicUser>(`GET /v1/users/${ada.user.id}`, { token })
  expect(seen.body).toMatchObject({ deleted: true, avatarUrl: null })
})

test('two users who block each other can delete their accounts at the same moment', async () => {
  const people = await Promise.all(Array.from({ length: 4 }, () => users.register()))
  for (const one of people) {
    for (const other of people) {
      if (one !== other)
        await users.call(`PUT /v1/users/me/blocks/${other.user.id}`, { token: one.accessToken })
    }
  }
  const replies = await Promise.all(people.map(leave))
  expect(replies.map(({ status }) => status)).toEqual([204, 204, 204, 204])
})
