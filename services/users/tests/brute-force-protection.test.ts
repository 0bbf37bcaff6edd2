import type { Problem, SignedIn } from '@finnigram/contracts'
import { Secret, TOTP } from 'otpauth'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { codeGuessKey, passwordGuessKey } from '../src/auth/brute-force-protection.ts'
import { startUsers, type UsersService } from '../src/service.ts'
import {
  type Call,
  caller,
  goodPassword,
  newName,
  startTestUsers,
  type TestUsers,
  testConfig,
} from './start-test-users.ts'

let users: TestUsers
let other: UsersService
let elsewhere: Call
beforeAll(async () => {
  const env = { RATE_LIMIT_SCALE: '1' }
  users = await startTestUsers(env)
  other = await startUsers(testConfig({ databaseUrl: users.databaseUrl, redisUrl: users.redis.url, env }))
  elsewhere = caller(other.url)
})
afterAll(async () => {
  await other[Symbol.asyncDispose]()
  await users[Symbol.asyncDispose]()
})

let addresses = 0
/** A new IP address. */
const newAddress = () => {
  addresses += 1
  return `198.18.${addresses >> 8}.${addresses & 255}`
}
const from = (ip: string) => ({ 'x-forwarded-for': ip })
const login = (identifier: string, { ip, password = 'not this one', totp, call = users.call }: Try) =>
  call<SignedIn & Problem>('POST /v1/auth/login', {
    body: { identifier, password, ...(totp === undefined ? {} : { totp }) },
    headers: from(ip),
  })
interface Try {
  ip: string
  password?: string
  totp?: string
  call?: Call
}
/** Exhausts a limit, as many attempts from many addresses would. */
const exhaust = async (name: string, key: string) => {
  const limit = { name, points: 1, perSeconds: 3600 }
  const known = { 'login-account': 300, 'totp-account': 30 }[name] ?? 0
  for (let n = 0; n < known; n += 1) await users.ctx.limits.consume({ ...limit, points: known }, key)
}
/** The state of an account that the keys of guesses depend on. */
const guarding = async (id: string) => {
  const { rows } = await users.ctx.pool.query<Parameters<typeof passwordGuessKey>[0]>(
    'SELECT id, password_hash AS "passwordHash", totp_last_step AS "totpLastStep" FROM users WHERE id = $1',
    [id],
  )
  if (!rows[0]) throw new Error('There is no such account')
  return rows[0]
}
const register = (ip: string) =>
  users.call<SignedIn>('POST /v1/auth/register', {
    body: { username: newName(), displayName: 'Anna', password: goodPassword },
    headers: from(ip),
  })

test('guesses at one account from one address are counted by all nodes together', async () => {
  const { user } = (await register(newAddress())).body
  const ip = newAddress()
  for (let n = 0; n < 20; n += 1) {
    const call = n % 2 ? elsewhere : users.call
    expect((await login(user.username, { ip, call })).status).toBe(401)
  }
  for (const call of [users.call, elsewhere]) {
    const refused = await login(user.username, { ip, password: goodPassword, call })
    expect(refused).toMatchObject({ status: 429, body: { code: 'rate_limited' } })
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  }
})

test('all addresses of one IPv6 network are one', async () => {
  const { user } = (await register(newAddress())).body
  for (let n = 0; n < 20; n += 1)
    expect((await login(user.username, { ip: `2001:db8:7:7::${n.toString(16)}` })).status).toBe(401)
  expect((await login(user.username, { ip: '2001:db8:7:7:ffff::1' })).status).toBe(429)
  expect((await login(user.username, { ip: '2001:db8:7:8::1', password: goodPassword })).status).toBe(200)
})

test('strangers with many addresses cannot lock a person out where they are signed in', async () => {
  const home = newAddress()
  const { user } = (await register(home)).body
  await exhaust('login-account', passwordGuessKey(await guarding(user.id)))
  const unknown = newName()
  await exhaust('login-account', unknown)

  expect((await login(user.username, { ip: newAddress() })).status).toBe(429)
  expect((await login(unknown, { ip: newAddress() })).status).toBe(429)
  expect((await login(user.username, { ip: home })).status).toBe(401)
  expect((await login(user.username, { ip: home, password: goodPassword })).status).toBe(200)
})

/** A person with a second factor, and the codes of their app. */
async function guarded(home: string) {
  const { user, accessToken: token } = (await register(home)).body
  const body = { password: goodPassword }
  const { secret } = (await users.call<{ secret: string }>('POST /v1/auth/totp', { token, body })).body
  const totp = new TOTP({ secret: Secret.fromBase32(secret) })
  const codes = await users.call<{ recoveryCodes: string[] }>('POST /v1/auth/totp/confirm', {
    token,
    body: { code: totp.generate() },
  })
  const wrong = String((Number(totp.generate()) + 500_000) % 1_000_000).padStart(6, '0')
  return { user, wrong, code: () => totp.generate({ timestamp: Date.now() + 30_000 }), ...codes.body }
}

test('guesses at codes are limited even with the right password; a recovery code still signs in', async () => {
  const { user, wrong, code, recoveryCodes } = await guarded(newAddress())
  const ip = newAddress()
  const mine = { ip, password: goodPassword }
  for (let n = 0; n < 10; n += 1)
    expect((await login(user.username, { ...mine, totp: wrong })).body.code).toBe('invalid_credentials')
  expect((await login(user.username, { ...mine, totp: code() })).status).toBe(429)
  expect((await login(user.username, { ...mine, totp: recoveryCodes[0] ?? '' })).status).toBe(200)
})

test('guessing codes from many addresses does not lock the owner out at a known address', async () => {
  const home = newAddress()
  const { user, code } = await guarded(home)
  await exhaust('totp-account', codeGuessKey(await guarding(user.id)))
  const mine = { password: goodPassword, totp: code() }
  expect((await login(user.username, { ...mine, ip: newAddress() })).status).toBe(429)
  expect((await login(user.username, { ...mine, ip: home })).status).toBe(200)
})

test('a stolen session gets ten password guesses over all routes; other sessions are not affected', async () => {
  const { user, accessToken: stolen } = (await register(newAddress())).body
  const own = (await login(user.username, { ip: newAddress(), password: goodPassword })).body.accessToken
  const password = 'not this one'
  const ways: [string, unknown][] = [
    ['POST /v1/auth/password', { currentPassword: password, newPassword: 'a good new horse' }],
    ['POST /v1/auth/totp', { password }],
    ['DELETE /v1/auth/totp', { password }],
    ['PATCH /v1/users/me', { email: `${newName()}@example.org`, password }],
  ]
  for (let n = 0; n < 10; n += 1) {
    const [request, body] = ways[n % ways.length] ?? ways[0] ?? ['', {}]
    expect((await users.call(request, { token: stolen, body })).status).toBe(401)
  }
  for (const [request, body] of ways)
    expect((await users.call(request, { token: stolen, body })).status, request).toBe(429)
  const body = { currentPassword: goodPassword, newPassword: 'a good new horse' }
  expect((await users.call('POST /v1/auth/password', { token: own, body })).status).toBe(204)
})

test('guesses at codes that confirm a second factor are limited, too', async () => {
  const { accessToken: token } = (await register(newAddress())).body
  await users.call('POST /v1/auth/totp', { token, body: { password: goodPassword } })
  const confirm = () => users.call('POST /v1/auth/totp/confirm', { token, body: { code: '000000' } })
  for (let n = 0; n < 10; n += 1) expect((await confirm()).status).toBe(401)
  expect((await confirm()).status).toBe(429)
})

test('reset mails are limited by e-mail address and by IP address, known or not', async () => {
  const forgot = (email: string, ip: string) =>
    users.call('POST /v1/auth/password/forgot', { body: { email }, headers: from(ip) })
  const [email, ip] = [`${newName()}@example.org`, newAddress()]
  for (let n = 0; n < 5; n += 1) expect((await forgot(email, ip)).status).toBe(202)
  expect((await forgot(email.toUpperCase(), ip)).status).toBe(429)
  expect((await forgot(email, newAddress())).status).toBe(202)
  for (let n = 0; n < 24; n += 1) expect((await forgot(`${newName()}@example.org`, ip)).status).toBe(202)
  expect((await forgot(`${newName()}@example.org`, ip)).status).toBe(429)
})

test('verification mails and attempts with tokens are limited', async () => {
  const ip = newAddress()
  const email = `${newName()}@example.org`
  const { accessToken: token } = await users.register({ email })
  const resend = () => users.call('POST /v1/auth/email/resend', { token })
  for (let n = 0; n < 5; n += 1) expect((await resend()).status).toBe(202)
  expect((await resend()).status).toBe(429)

  const attempt = (request: string, more = {}) =>
    users.call(request, { body: { token: 'made up', ...more }, headers: from(ip) })
  for (let n = 0; n < 30; n += 1) {
    expect((await attempt('POST /v1/auth/email/verify')).status).toBe(410)
    expect((await attempt('POST /v1/auth/password/reset', { newPassword: 'a new horse' })).status).toBe(410)
  }
  expect((await attempt('POST /v1/auth/email/verify')).status).toBe(429)
  expect((await attempt('POST /v1/auth/password/reset', { newPassword: 'a new horse' })).status).toBe(429)
})

test('without Redis each node counts by itself', async () => {
  const { user } = (await register(newAddress())).body
  const ip = newAddress()
  await users.redis.stop()
  for (let n = 0; n < 20; n += 1) expect((await login(user.username, { ip })).status).toBe(401)
  expect((await login(user.username, { ip, password: goodPassword })).status).toBe(429)
  expect((await login(user.username, { ip: newAddress(), password: goodPassword })).status).toBe(200)
})
