import type { Me, Problem, SignedIn } from '@finnigram/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { goodPassword, newName, startTestUsers, type TestUsers } from './start-test-users.ts'

let users: TestUsers
beforeAll(async () => {
  users = await startTestUsers()
})
afterAll(() => users[Symbol.asyncDispose]())

const attempt = (more: Record<string, unknown>) =>
  users.call<SignedIn & Problem>('POST /v1/auth/register', {
    body: { username: newName(), displayName: 'Anna', password: goodPassword, ...more },
  })

test('a new person is signed in at once', async () => {
  const username = newName()
  const { status, body } = await attempt({ username, email: 'Anna@Example.org', role: 'admin', id: 'mine' })

  expect(status).toBe(201)
  expect(body.user).toMatchObject({
    username,
    displayName: 'Anna',
    email: 'Anna@Example.org',
    emailVerified: false,
    bio: '',
  })
  expect(body.user.preferences.readReceipts).toBe(true)
  expect(body.expiresIn).toBe(900)
  expect(Buffer.from(body.refreshToken, 'base64url').length).toBeGreaterThanOrEqual(32)
  const me = await users.call<Me>('GET /v1/users/me', { token: body.accessToken })
  expect(me).toMatchObject({ status: 200, body: body.user })
})

test('a username is the same in any case and width', async () => {
  const username = newName('anna')
  expect((await attempt({ username: username.toUpperCase() })).body.user.username).toBe(username)

  for (const twin of [username, username.toUpperCase(), username.replace('anna', 'ａｎｎａ')]) {
    expect(await attempt({ username: twin })).toMatchObject({ status: 409, body: { code: 'username_taken' } })
  }
})

test('of twenty who want one name at once, one gets it', async () => {
  const username = newName('race')
  const replies = await Promise.all(Array.from({ length: 20 }, () => attempt({ username })))

  const statuses = replies.map(({ status }) => status).sort()
  expect(statuses).toEqual([201, ...Array.from({ length: 19 }, () => 409)])
  const { rows } = await users.ctx.pool.query('SELECT FROM users WHERE username = $1', [username])
  expect(rows).toHaveLength(1)
})

test('an e-mail address belongs to who proved it, whatever its case; until then several may give it', async () => {
  const email = `${newName()}@example.org`
  const replies = await Promise.all([attempt({ email }), attempt({ email: email.toUpperCase() })])

  expect(replies.map(({ status }) => status)).toEqual([201, 201])
  const prove = 'UPDATE users SET email_verified = true WHERE id = $1'
  await users.ctx.pool.query(prove, [replies[0]?.body.user.id])
  await expect(users.ctx.pool.query(prove, [replies[1]?.body.user.id])).rejects.toThrow(
    /users_proven_email_key/,
  )
  expect(await attempt({ email })).toMatchObject({ status: 409, body: { code: 'email_taken' } })
})

test('accounts without an address do not conflict', async () => {
  expect((await attempt({})).status).toBe(201)
  expect((await attempt({})).status).toBe(201)
})

test('all mistakes come at once, each at its place', async () => {
  const { status, body, headers } = await users.call<Problem>('POST /v1/auth/register', {
    body: {
      username: 'a!',
      displayName: '   ',
      password: 'password',
      email: 'nowhere',
      device: { name: '' },
    },
  })

  expect(status).toBe(400)
  expect(headers.get('content-type')).toBe('application/problem+json')
  expect(body.code).toBe('validation_failed')
  const paths = body.errors?.map(({ path }) => path)
  expect(paths).toEqual(
    expect.arrayContaining([
      'body.username',
      'body.displayName',
      'body.password',
      'body.email',
      'body.device.name',
      'body.device.platform',
    ]),
  )
  expect(body.errors?.find(({ path }) => path === 'body.password')?.message).toContain('common')
})

test.each([
  ['a number for a name', { username: 7 }],
  ['a name that looks like another', { username: 'аnna_in_cyrillic' }],
  ['a name with a space', { username: 'an na' }],
  ['a name of two letters', { username: 'an' }],
  ['a name of 33', { username: 'a'.repeat(33) }],
  ['a short password', { password: 'sh0rt!!' }],
  ['a long password', { password: 'x'.repeat(257) }],
  ['a common password', { password: 'Password1' }],
  ['no password', { password: null }],
  ['a display name of 65', { displayName: 'x'.repeat(65) }],
  ['a display name of nothing that can be seen', { displayName: '\u202E\u0000\u3164' }],
])('%s is refused', async (_what, wrong) => {
  expect(await attempt(wrong)).toMatchObject({ status: 400, body: { code: 'validation_failed' } })
})

test.each([
  ['nothing', undefined, 400],
  ['broken JSON', '{"username":', 400],
  ['a list', '[]', 400],
  ['null', 'null', 400],
  ['too much', JSON.stringify({ username: 'x'.repeat(300_000) }), 413],
])('%s for a body is refused', async (_what, body, status) => {
  expect((await users.call('POST /v1/auth/register', { body })).status).toBe(status)
})

test('a body that is not JSON is not read', async () => {
  const reply = await users.call('POST /v1/auth/register', {
    body: 'username=anna',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  })
  expect(reply.status).toBe(415)
})

test('secrets are stored as hashes only', async () => {
  const { user, refreshToken } = await users.register({ password: 'a very own phrase' })
  const { rows } = await users.ctx.pool.query(
    'SELECT u.*, s.* FROM users u JOIN sessions s ON s.user_id = u.id WHERE u.id = $1',
    [user.id],
  )
  const bytes = Buffer.from(refreshToken, 'base64url')
  for (const value of Object.values(rows[0])) {
    const text = Buffer.isBuffer(value) ? value.toString('hex') : JSON.stringify(value)
    expect(text).not.toContain('a very own phrase')
    expect(text).not.toContain(refreshToken)
    expect(text).not.toContain(bytes.subarray(16).toString('hex'))
  }
  expect(rows[0].password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
})
