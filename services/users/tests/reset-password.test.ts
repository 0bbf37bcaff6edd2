import type { Me, Problem } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { forgotPassword } from '../src/auth/reset-password.ts'
import { type MailServer, startMailServer } from './start-mail-server.ts'
import { goodPassword, newName, startTestUsers, type TestUsers } from './start-test-users.ts'

let mail: MailServer
let users: TestUsers
beforeAll(async () => {
  mail = await startMailServer()
  users = await startTestUsers({ SMTP_URL: mail.url, PUBLIC_URL: 'https://chat.example.org/' })
})
afterAll(async () => {
  await users[Symbol.asyncDispose]()
  await mail[Symbol.asyncDispose]()
})

const next = 'a better horse battery'
const forgot = (email: string) => users.call('POST /v1/auth/password/forgot', { body: { email } })
const reset = (token: string, newPassword = next) =>
  users.call<Problem>('POST /v1/auth/password/reset', { body: { token, newPassword } })

/** A person who forgot, and the token in their mailbox. */
async function forgetful() {
  const email = `${newName()}@example.org`
  const signedIn = await users.register({ email })
  await mail.mailsTo(email, 1)
  expect((await forgot(email.toUpperCase())).status).toBe(202)
  users.ctx.mailer.wake()
  const [, received] = await mail.mailsTo(email, 2)
  return { ...signedIn, email, token: received?.token ?? '', received }
}

const queued = async () =>
  (await users.ctx.pool.query<{ count: number }>('SELECT count(*)::int AS count FROM mails')).rows[0]?.count

test('a mailed link sets a new password, ends all sessions and proves the address', async () => {
  const { user, email, refreshToken, token, received } = await forgetful()
  expect(received?.subject).toBe('Set a new password')
  expect(received?.source).toContain(`\nhttps://chat.example.org/reset-password#token=${token}\n`)
  expect(received?.source).toContain(`\n${token}\n`)

  expect((await reset(token)).status).toBe(204)

  expect((await users.login(email)).status).toBe(401)
  const { body } = await users.login(email, next)
  expect(body.user).toMatchObject({ id: user.id, emailVerified: true })
  expect((await users.refresh(refreshToken)).status).toBe(401)
  expect((await mail.mailsTo(email, 3))[2]?.subject).toBe('Your password was set anew')
})

test('a token is good once, and voids the others of its person', async () => {
  const { email, token } = await forgetful()
  await forgot(email)
  users.ctx.mailer.wake()
  const other = (await mail.mailsTo(email, 3))[2]?.token ?? ''
  expect(other).not.toBe(token)

  expect((await reset(token)).status).toBe(204)
  for (const used of [token, other]) {
    expect(await reset(used)).toMatchObject({ status: 410, body: { code: 'gone' } })
  }
})

test('of many who use one token at once, one gets through', async () => {
  const { email, token } = await forgetful()
  const choices = Array.from({ length: 5 }, (_, n) => `horse number ${n}`)
  const replies = await Promise.all(choices.map((choice) => reset(token, choice)))
  expect(replies.map(({ status }) => status).sort()).toEqual([204, 410, 410, 410, 410])
  const winner = choices[replies.findIndex(({ status }) => status === 204)]
  expect((await users.login(email, winner)).status).toBe(200)
})

test('a token that has expired, was made up, or is for proving an address is gone', async () => {
  const { user, email, token } = await forgetful()
  const { rows } = await users.ctx.pool.query<{ minutes: number }>(
    `SELECT round(extract(epoch FROM expires_at - now()) / 60)::int AS minutes FROM mailed_tokens
WHERE user_id = $1 AND purpose = 'reset_password'`,
    [user.id],
  )
  expect(rows).toEqual([{ minutes: 30 }])
  const verification = (await mail.mailsTo(email, 2))[0]?.token ?? ''
  await users.ctx.pool.query('UPDATE mailed_tokens SET expires_at = now() WHERE user_id = $1', [user.id])
  for (const bad of [token, verification, 'x', `${token}x`, 'a\u0000b']) {
    expect(await reset(bad)).toMatchObject({ status: 410, body: { code: 'gone' } })
  }
  expect((await users.login(email)).status).toBe(200)
})

test('a token for an address the person has no more is gone', async () => {
  const { accessToken, token } = await forgetful()
  const body = { email: `${newName()}@example.org`, password: goodPassword }
  expect((await users.call<Me>('PATCH /v1/users/me', { token: accessToken, body })).status).toBe(200)
  expect((await reset(token)).status).toBe(410)
})

test('a changed password revokes a mailed token', async () => {
  const { accessToken, token } = await forgetful()
  const body = { currentPassword: goodPassword, newPassword: next }
  expect((await users.call('POST /v1/auth/password', { token: accessToken, body })).status).toBe(204)
  expect((await reset(token)).status).toBe(410)
})

test('a common password is refused, and the token is still good', async () => {
  const { token } = await forgetful()
  const { status, body } = await reset(token, 'password1')
  expect([status, body.code, body.errors?.[0]?.path]).toEqual([400, 'validation_failed', 'body.newPassword'])
  expect((await reset(token)).status).toBe(204)
})

test('known and unknown addresses get the same answer for the same work: one insert', async () => {
  const { email } = await forgetful()
  const unknown = `${newName()}@example.org`
  const work = []
  for (const address of [email, unknown]) {
    const pool: typeof users.ctx.pool = Object.create(users.ctx.pool)
    const query = vi.spyOn(pool, 'query')
    const connect = vi.spyOn(pool, 'connect')
    await forgotPassword({ ...users.ctx, pool }, { ip: '192.0.2.1' }, address)
    work.push({ queries: query.mock.calls.map(([sql]) => sql), connections: connect.mock.calls.length })
  }
  expect(work[0]?.queries).toEqual([expect.stringContaining('INSERT INTO mails')])
  expect(work[1]).toEqual(work[0])
  const [known, other] = [await forgot(email), await forgot(unknown)]
  expect([known.status, known.body]).toEqual([202, undefined])
  expect([other.status, other.body]).toEqual([known.status, known.body])
})

test('an address without an account gets no mail', async () => {
  const email = `${newName()}@example.org`
  expect((await forgot(email)).status).toBe(202)
  users.ctx.mailer.wake()
  await eventually(async () => expect(await queued()).toBe(0), { within: 10_000 })
  expect(mail.mails.filter(({ to }) => to === email)).toEqual([])
  expect((await forgot('nowhere')).status).toBe(400)
})

test('repeated requests flood no mailbox and revoke no link in it', async () => {
  const { email, token } = await forgetful()
  for (let n = 0; n < 8; n += 1) expect((await forgot(email)).status).toBe(202)
  users.ctx.mailer.wake()
  await eventually(async () => expect(await queued()).toBe(0), { within: 10_000 })
  const links = mail.mails.filter(({ to, subject }) => to === email && subject === 'Set a new password')
  expect(links).toHaveLength(5)
  expect((await reset(token)).status).toBe(204)
})

test('no token reaches the log or the database in clear', async () => {
  const { token } = await forgetful()
  const { rows } = await users.ctx.pool.query(
    `SELECT (SELECT string_agg(m::text, '') FROM mails m) AS mails, (SELECT string_agg(t::text, '') FROM mailed_tokens t) AS tokens`,
  )
  expect(JSON.stringify(rows)).not.toContain(token)
})
