import type { Problem, SignedIn } from '@finnigram/contracts'
import { Secret, TOTP } from 'otpauth'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type MailServer, startMailServer } from './start-mail-server.ts'
import { goodPassword, newName, startTestUsers, type TestUsers } from './start-test-users.ts'

let mail: MailServer
let users: TestUsers
/** A little of every limit: 21 guesses at an account from everywhere together. */
beforeAll(async () => {
  mail = await startMailServer()
  users = await startTestUsers({ SMTP_URL: mail.url, RATE_LIMIT_SCALE: '0.07' })
})
afterAll(async () => {
  await users[Symbol.asyncDispose]()
  await mail[Symbol.asyncDispose]()
})

const accountGuesses = 21
let addresses = 0
/** Sends from a new IP address, unless one is given. */
const call = <T = Problem>(request: string, body: unknown, more: { token?: string; ip?: string } = {}) => {
  addresses += 1
  const ip = more.ip ?? `198.19.${addresses >> 8}.${addresses & 255}`
  return users.call<T>(request, { body, token: more.token, headers: { 'x-forwarded-for': ip } })
}
const login = (identifier: string, password = goodPassword, more: { totp?: string; ip?: string } = {}) =>
  call<SignedIn & Problem>('POST /v1/auth/login', { identifier, password, totp: more.totp }, more)
const statusOf = async (...args: Parameters<typeof login>) => (await login(...args)).status

async function register(ip?: string) {
  const username = newName()
  const email = `${username}@example.org`
  const body = { username, displayName: 'Anna', password: goodPassword }
  const { status, body: signedIn } = await call<SignedIn>('POST /v1/auth/register', body, ip ? { ip } : {})
  expect(status).toBe(201)
  // Given by no mail: of those, too, there is only a little.
  await users.ctx.pool.query('UPDATE users SET email = $2, email_key = $2 WHERE username = $1', [
    username,
    email,
  ])
  return { username, email, token: signedIn.accessToken }
}
/** Strangers guess from one address each, until the account's limit is reached. */
async function guessAway(username: string, guesses = accountGuesses) {
  for (let n = 0; n < guesses; n += 1) expect(await statusOf(username, `wrong ${n}`)).toBe(401)
  expect(await statusOf(username, 'one more')).toBe(429)
}

test('a password reset by mail signs in anywhere at once, after any number of guesses at the old one', async () => {
  const { username, email } = await register()
  await guessAway(username)
  expect(await statusOf(username)).toBe(429)

  expect((await call('POST /v1/auth/password/forgot', { email })).status).toBe(202)
  users.ctx.mailer.wake()
  const token = (await mail.mailsTo(email))[0]?.token
  const newPassword = 'a better horse battery'
  expect((await call('POST /v1/auth/password/reset', { token, newPassword })).status).toBe(204)

  expect(await statusOf(username, newPassword)).toBe(200)
  await guessAway(username, accountGuesses - 1)
})

test('signing in with a code resets the count of guesses', async () => {
  const home = '192.0.2.10'
  const { username, token } = await register(home)
  const { secret } = (
    await call<{ secret: string }>('POST /v1/auth/totp', { password: goodPassword }, { token })
  ).body
  const app = new TOTP({ secret: Secret.fromBase32(secret) })
  const confirmed = await call('POST /v1/auth/totp/confirm', { code: app.generate() }, { token })
  expect(confirmed.status).toBe(200)
  await guessAway(username)

  const totp = app.generate({ timestamp: Date.now() + 30_000 })
  expect(await statusOf(username, goodPassword, { totp, ip: home })).toBe(200)
  expect((await login(username)).body.code).toBe('totp_required')
})

test('the right password alone does not reset the count of code guesses', async () => {
  const home = '192.0.2.11'
  const { username } = await register(home)
  await guessAway(username)
  expect(await statusOf(username, goodPassword, { ip: home })).toBe(200)
  expect(await statusOf(username)).toBe(429)
})
