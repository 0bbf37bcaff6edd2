import type { SecurityEvent } from '@finnigram/contracts'
import { logLines } from '@finnigram/testing'
import { Secret, TOTP } from 'otpauth'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { purgeAuditLog } from '../src/audit/audit-log.ts'
import { createToken } from '../src/mail/mailed-token.ts'
import { prepareMail } from '../src/mail/prepare-mail.ts'
import { goodPassword, newName, startTestUsers, type TestUsers } from './start-test-users.ts'

let users: TestUsers
beforeAll(async () => {
  users = await startTestUsers({ LOG_LEVEL: 'info' })
})
afterAll(() => users[Symbol.asyncDispose]())

interface Page {
  items: SecurityEvent[]
  nextCursor: string | null
}
const activity = async (token: string, query = '') =>
  (await users.call<Page>(`GET /v1/auth/activity${query}`, { token })).body
const typesOf = async (token: string) => (await activity(token)).items.map(({ type }) => type)

test('activity requires sign-in', async () => {
  expect((await users.call('GET /v1/auth/activity')).status).toBe(401)
})

test('the audit log is listed newest first, with address and device', async () => {
  const device = { name: 'Laptop', platform: 'web' }
  const { user, accessToken } = await users.register({ device })
  const from = { headers: { 'x-forwarded-for': '192.0.2.9' } }
  const body = { identifier: user.username, password: 'not this one', device }
  await users.call('POST /v1/auth/login', { body, ...from })
  const second = await users.call<{ accessToken: string; refreshToken: string }>('POST /v1/auth/login', {
    body: { ...body, password: goodPassword },
    ...from,
  })
  const { items } = await activity(accessToken)
  expect(items).toMatchObject([
    { type: 'signed_in', ip: '192.0.2.9', device, sessionId: expect.any(String) },
    { type: 'sign_in_failed', ip: '192.0.2.9', device, sessionId: null },
    { type: 'registered', device },
  ])
  await users.call('POST /v1/auth/logout', { token: second.body.accessToken })
  expect((await activity(accessToken)).items[0]).toMatchObject({
    type: 'signed_out',
    sessionId: items[0]?.sessionId,
  })
})

test('every sensitive change is in the audit log', async () => {
  const { user, accessToken: token } = await users.register({ email: `${newName()}@example.org` })
  const second = (await users.login(user.username)).body
  const call = (request: string, body?: unknown) => users.call(request, { token, body })
  await call('POST /v1/auth/password', { currentPassword: 'not this one', newPassword: 'a good new horse' })
  await call('POST /v1/auth/password', { currentPassword: goodPassword, newPassword: 'a good new horse' })
  await call('PATCH /v1/users/me', { email: `${newName()}@example.org`, password: 'a good new horse' })
  await call('PATCH /v1/users/me', { username: user.username.replace('user', 'other') })
  const third = (await users.login(user.username.replace('user', 'other'), 'a good new horse')).body
  const sessions = await users.call<{ items: { id: string; current: boolean }[] }>('GET /v1/auth/sessions', {
    token,
  })
  const other = sessions.body.items.find(({ current }) => !current)
  await call(`DELETE /v1/auth/sessions/${other?.id}`)
  await call('DELETE /v1/auth/sessions')
  await users.refresh(third.refreshToken)
  await users.refresh(second.refreshToken)
  expect(await typesOf(token)).toEqual([
    'other_sessions_ended',
    'session_ended',
    'signed_in',
    'username_changed',
    'email_changed',
    'password_changed',
    'password_check_failed',
    'signed_in',
    'registered',
  ])
})

test('links and second factors are in the audit log, too', async () => {
  const email = `${newName()}@example.org`
  const { user, accessToken: token } = await users.register({ email })
  const secret = (
    await users.call<{ secret: string }>('POST /v1/auth/totp', {
      token,
      body: { password: goodPassword },
    })
  ).body.secret
  const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate()
  const confirmed = await users.call<{ recoveryCodes: string[] }>('POST /v1/auth/totp/confirm', {
    token,
    body: { code },
  })
  const [totp, second] = confirmed.body.recoveryCodes
  const login = { identifier: email, password: goodPassword, totp }
  expect((await users.call('POST /v1/auth/login', { body: login })).status).toBe(200)
  expect((await users.call('POST /v1/auth/login', { body: login })).status).toBe(401)
  await users.call('DELETE /v1/auth/totp', { token, body: { password: goodPassword, totp: second } })

  const owner = { userId: user.id, emailKey: email }
  const verification = await createToken(users.ctx.pool, { ...owner, purpose: 'verify_email' })
  await users.call('POST /v1/auth/email/verify', { body: { token: verification } })
  await prepareMail(users.ctx, { kind: 'reset_password', email, ip: '192.0.2.3' })
  const reset = await createToken(users.ctx.pool, { ...owner, purpose: 'reset_password' })
  const body = { token: reset, newPassword: 'a good new horse' }
  expect((await users.call('POST /v1/auth/password/reset', { body })).status).toBe(204)

  const after = (await users.login(email, body.newPassword)).body
  expect(await typesOf(after.accessToken)).toEqual([
    'signed_in',
    'password_reset',
    'password_reset_requested',
    'email_verified',
    'totp_disabled',
    'recovery_code_used',
    'sign_in_failed',
    'signed_in',
    'recovery_code_used',
    'totp_enabled',
    'registered',
  ])
})

test('a reused refresh token is in the audit log and warns the operator', async () => {
  const { user, refreshToken } = await users.register()
  const { accessToken } = (await users.login(user.username)).body
  const first = (await users.refresh(refreshToken)).body
  await users.refresh(first.refreshToken)
  expect((await users.refresh(refreshToken)).status).toBe(401)
  expect((await typesOf(accessToken))[0]).toBe('refresh_reuse_detected')
  expect(logLines()).toContainEqual(
    expect.objectContaining({
      level: 'warn',
      security: true,
      event: 'refresh_reuse_detected',
      userId: user.id,
    }),
  )
})

test('audit entries are log lines, too, and hold no secret', async () => {
  const { user } = await users.register()
  await users.login(user.username, 'a wrong but secret phrase')
  await users.login('nobody.of.that.name', 'a wrong but secret phrase')
  const security = logLines().filter(({ security }) => security === true)
  expect(security).toMatchObject([
    { event: 'registered', userId: user.id, message: 'Security: registered' },
    { event: 'sign_in_failed', userId: user.id },
    { event: 'sign_in_failed', userId: null },
  ])
  expect(JSON.stringify(logLines())).not.toMatch(/secret phrase|nobody.of.that.name/)
})

test('guesses at unknown names leave one row per hour and address, the last one', async () => {
  const guess = (identifier: string, ip: string, name: string) => {
    const body = { identifier, password: 'not this one', device: { name, platform: 'web' } }
    return users.call('POST /v1/auth/login', { body, headers: { 'x-forwarded-for': ip } })
  }
  const begun = Math.floor(Date.now() / 3_600_000)
  for (const n of [1, 2, 3]) {
    expect((await guess(newName(), `2001:db8:77::${n}`, `try ${n}`)).status).toBe(401)
  }
  await guess(newName(), '192.0.2.78', 'another')
  const { rows } = await users.ctx.pool.query(
    `SELECT ip, device ->> 'name' AS device FROM security_events
WHERE user_id IS NULL AND (ip LIKE '2001:db8:77::%' OR ip = '192.0.2.78') ORDER BY ip DESC`,
  )
  // Unless the hour has just ended.
  if (Math.floor(Date.now() / 3_600_000) > begun) return
  expect(rows).toEqual([
    { ip: '2001:db8:77::3', device: 'try 3' },
    { ip: '192.0.2.78', device: 'another' },
  ])
})

test('pages follow one another without a gap, and nobody sees those of others', async () => {
  const { user, accessToken } = await users.register()
  const stranger = await users.register()
  for (let n = 0; n < 4; n += 1) await users.login(user.username, 'not this one')
  const first = await activity(accessToken, '?limit=2')
  const second = await activity(accessToken, `?limit=2&cursor=${first.nextCursor}`)
  const third = await activity(accessToken, `?limit=2&cursor=${second.nextCursor}`)
  const all = [...first.items, ...second.items, ...third.items]
  expect(all).toEqual((await activity(accessToken)).items)
  expect(all).toHaveLength(5)
  expect(third.nextCursor).toBeNull()
  expect(await typesOf(stranger.accessToken)).toEqual(['registered'])
  expect(await users.call('GET /v1/auth/activity?cursor=x', { token: accessToken })).toMatchObject({
    status: 400,
    body: { code: 'validation_failed', errors: [{ path: 'query.cursor' }] },
  })
})

test('a deleted account leaves one audit entry: that it was deleted', async () => {
  const { user, accessToken } = await users.register({ email: `${newName()}@example.org` })
  const body = { password: goodPassword }
  await users.call('POST /v1/auth/totp', { token: accessToken, body })
  expect((await users.call('DELETE /v1/users/me', { token: accessToken, body })).status).toBe(204)
  const { rows } = await users.ctx.pool.query(
    'SELECT type, ip, session_id, device FROM security_events WHERE user_id = $1',
    [user.id],
  )
  expect(rows).toEqual([{ type: 'account_deleted', ip: null, session_id: null, device: null }])
  const { rows: left } = await users.ctx.pool.query(
    `SELECT totp_secret, username_looks, (SELECT count(*)::int FROM mails WHERE user_id = u.id) AS mails,
  (SELECT count(*)::int FROM mailed_tokens WHERE user_id = u.id) AS tokens FROM users u WHERE id = $1`,
    [user.id],
  )
  expect(left).toEqual([{ totp_secret: null, username_looks: null, mails: 0, tokens: 0 }])
})

test('audit entries are deleted after a year, those of no account after a month', async () => {
  const { user, accessToken } = await users.register()
  await users.login(user.username, 'not this one')
  await users.login(newName(), 'not this one')
  const age = (days: number) =>
    users.ctx.pool.query(`UPDATE security_events SET at = now() - make_interval(days => $1)`, [days])
  await age(31)
  await purgeAuditLog(users.ctx)
  const nobodys = await users.ctx.pool.query(
    `SELECT FROM security_events WHERE user_id IS NULL AND type = 'sign_in_failed'`,
  )
  expect(nobodys.rowCount).toBe(0)
  expect(await typesOf(accessToken)).toHaveLength(2)
  await age(366)
  await Promise.all([purgeAuditLog(users.ctx), purgeAuditLog(users.ctx)])
  expect(await typesOf(accessToken)).toEqual([])
})
