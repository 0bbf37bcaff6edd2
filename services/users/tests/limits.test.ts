import { streamNames } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { expect, test } from 'vitest'
import { goodPassword, newName, startTestUsers, type TestUsers } from './start-test-users.ts'

test('guesses at an account are limited per address', async () => {
  await using users = await startTestUsers({ RATE_LIMIT_SCALE: '1' })
  const { user } = await users.register()
  const guess = (password: string, ip: string) =>
    users.call('POST /v1/auth/login', {
      body: { identifier: user.username.toUpperCase(), password },
      headers: { 'x-forwarded-for': ip },
    })

  for (let n = 0; n < 20; n += 1) expect((await guess(`wrong ${n}`, '192.0.2.1')).status).toBe(401)
  const refused = await guess(goodPassword, '192.0.2.1')
  expect(refused).toMatchObject({ status: 429, body: { code: 'rate_limited' } })
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  expect((await guess(goodPassword, '192.0.2.2')).status).toBe(200)
})

test('an address that signs up without end is stopped, a household is not', async () => {
  await using users = await startTestUsers({ RATE_LIMIT_SCALE: '1' })
  const username = newName()
  const sign = () =>
    users.call('POST /v1/auth/register', {
      body: { username, displayName: 'One of many', password: goodPassword },
    })
  expect((await sign()).status).toBe(201)
  for (let n = 0; n < 99; n += 1) expect((await sign()).status).toBe(409)
  expect((await sign()).status).toBe(429)
})

test('a session that refreshes without end is stopped', async () => {
  await using users = await startTestUsers({ RATE_LIMIT_SCALE: '1' })
  let { refreshToken } = await users.register()
  for (let n = 0; n < 30; n += 1) {
    const { status, body } = await users.refresh(refreshToken)
    expect(status).toBe(200)
    refreshToken = body.refreshToken
  }
  expect((await users.refresh(refreshToken)).status).toBe(429)
})

test('Redis holds no e-mail address and no IP address', async () => {
  await using users = await startTestUsers()
  const { redis } = users.ctx
  const [email, ip] = [`${newName()}@example.org`, '203.0.113.77']
  const { accessToken: token } = await users.register({ email })
  const headers = { 'x-forwarded-for': ip }
  const login = { identifier: email, password: goodPassword }
  expect((await users.call('POST /v1/auth/login', { body: login, headers })).status).toBe(200)
  await users.call('POST /v1/auth/login', { body: { ...login, password: 'wrong one' }, headers })
  expect((await users.call('POST /v1/auth/password/forgot', { body: { email }, headers })).status).toBe(202)
  const change = { email: `new${email}`, password: goodPassword }
  expect((await users.call('PATCH /v1/users/me', { token, body: change, headers })).status).toBe(200)
  expect((await users.call('DELETE /v1/auth/sessions', { token, headers })).status).toBe(204)
  await eventually(async () => expect(await readStreams(users)).toContain('session.ended'))

  const keys = await redis.commands.keys('*')
  expect(keys.filter((key) => key.startsWith('finnigram:limit:')).length).toBeGreaterThan(5)
  const held = [...keys, await readStreams(users)].join('\n')
  expect(held).not.toContain(email)
  expect(held).not.toContain(email.split('@')[0])
  expect(held).not.toContain(ip)
})

const readStreams = async ({ ctx }: TestUsers) =>
  JSON.stringify(
    await Promise.all(streamNames('users').map((name) => ctx.redis.commands.xrange(name, '-', '+'))),
  )
