import type { Me, Problem, SignedIn } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { Secret, TOTP } from 'otpauth'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readUserEvents } from './read-user-events.ts'
import { type MailServer, startMailServer } from './start-mail-server.ts'
import { goodPassword, newName, startTestUsers, type TestUsers } from './start-test-users.ts'

let mail: MailServer
let users: TestUsers
beforeAll(async () => {
  mail = await startMailServer()
  users = await startTestUsers({ SMTP_URL: mail.url })
})
afterAll(async () => {
  await users[Symbol.asyncDispose]()
  await mail[Symbol.asyncDispose]()
})

const newAddress = () => `${newName()}@example.org`
const me = async (token: string) => (await users.call<Me>('GET /v1/users/me', { token })).body
const verify = (token: string | undefined) =>
  users.call<Problem>('POST /v1/auth/email/verify', { body: { token } })
const reset = (token: string | undefined) =>
  users.call('POST /v1/auth/password/reset', { body: { token, newPassword: 'a better horse battery' } })
const forgot = async (email: string) => {
  await users.call('POST /v1/auth/password/forgot', { body: { email } })
  users.ctx.mailer.wake()
}

/** A user who gave somebody else's address, and turned a second factor on. */
async function squat(email: string) {
  const signedIn = await users.register({ email })
  const { accessToken: token } = signedIn
  const { body } = await users.call<{ secret: string }>('POST /v1/auth/totp', {
    token,
    body: { password: goodPassword },
  })
  const code = new TOTP({ secret: Secret.fromBase32(body.secret) }).generate()
  expect((await users.call('POST /v1/auth/totp/confirm', { token, body: { code } })).status).toBe(200)
  // Nobody has proven it, so it gets no notice of the factor.
  await mail.mailsTo(email)
  return signedIn
}

test('who owns a squatted address registers with it, and proving it takes it from the squatter', async () => {
  const email = newAddress()
  const squatter = await squat(email)
  const owner = await users.register({ email: email.toUpperCase() })
  const received = (await mail.mailsTo(email, 2))[1]
  expect(received?.source).toContain(`Hello ${owner.user.username},`)

  expect((await verify(received?.token)).status).toBe(204)

  expect(await me(owner.accessToken)).toMatchObject({ emailVerified: true })
  expect(await me(squatter.accessToken)).toMatchObject({ email: null, emailVerified: false })
  expect((await users.login(email)).body.user.id).toBe(owner.user.id)
  const stale = mail.mails.find(({ to }) => to === email)?.token
  expect((await verify(stale)).status).toBe(410)
  await eventually(async () => {
    const emitted = (await readUserEvents(users)).filter(
      ({ key, type }) => key === squatter.user.id && type === 'user.updated',
    )
    expect(emitted).toHaveLength(1)
  })
})

test('a reset of an address that was never proven drops the second factor and proves it', async () => {
  const email = newAddress()
  const squatter = await squat(email)
  await forgot(email)
  const received = (await mail.mailsTo(email, 2))[1]
  expect((await reset(received?.token)).status).toBe(204)

  const { status, body } = await users.login(email, 'a better horse battery')
  expect(status).toBe(200)
  expect(body.user).toMatchObject({ id: squatter.user.id, emailVerified: true, totpEnabled: false })
  expect((await users.call('GET /v1/users/me', { token: squatter.accessToken })).status).toBe(401)
  const { rows } = await users.ctx.pool.query('SELECT FROM recovery_codes WHERE user_id = $1', [body.user.id])
  expect(rows).toEqual([])
})

test('where several gave an unproven address, one mail has a link for each, the oldest three', async () => {
  const email = newAddress()
  const people: SignedIn[] = []
  for (let n = 0; n < 4; n += 1) people.push(await users.register({ email }))
  await mail.mailsTo(email, 4)
  await forgot(email)
  const received = (await mail.mailsTo(email, 5))[4]
  const names = people.map(({ user }) => user.username)
  expect(names.map((name) => received?.source.includes(name))).toEqual([true, true, true, false])
  const tokens = [...(received?.source.matchAll(/#token=([\w-]{43})$/gm) ?? [])].map(([, token]) => token)
  expect(tokens).toHaveLength(3)

  expect((await reset(tokens[1])).status).toBe(204)

  expect((await users.login(email, 'a better horse battery')).body.user.username).toBe(names[1])
  for (const one of [tokens[0], tokens[2]]) expect((await reset(one)).status).toBe(410)
  for (const one of [0, 2, 3]) expect(await me(people[one]?.accessToken ?? '')).toMatchObject({ email: null })
})

test('an unproven address signs in who gave it first, a proven one its owner', async () => {
  const email = newAddress()
  const elder = await users.register({ password: 'a much older password' })
  const first = await users.register({ email })
  const second = await users.register({ email, password: 'quite another password' })
  // Whoever takes it later comes later, however old the account.
  const change = { token: elder.accessToken, body: { email, password: 'a much older password' } }
  expect((await users.call('PATCH /v1/users/me', change)).status).toBe(200)
  expect((await users.login(email)).body.user.id).toBe(first.user.id)
  expect((await users.login(email, 'quite another password')).status).toBe(401)
  const received = await mail.mailsTo(email, 3)
  await verify(received.find(({ source }) => source.includes(second.user.username))?.token)
  expect((await users.login(email, 'quite another password')).body.user.id).toBe(second.user.id)
})

test('of two who prove one address at the same moment, one has it', async () => {
  const email = newAddress()
  const people = [await users.register({ email }), await users.register({ email })]
  const received = await mail.mailsTo(email, 2)
  const replies = await Promise.all(received.map(({ token }) => verify(token)))
  expect(replies.map(({ status }) => status).sort()).toEqual([204, 410])
  const addresses = await Promise.all(people.map(async (one) => (await me(one.accessToken)).email))
  expect(new Set(addresses)).toEqual(new Set([email, null]))
})

test('a proven address is taken, for who registers and for who changes theirs', async () => {
  const email = newAddress()
  await users.register({ email })
  await verify((await mail.mailsTo(email))[0]?.token)
  const body = { username: newName(), displayName: 'Late', password: goodPassword, email }
  expect(await users.call('POST /v1/auth/register', { body })).toMatchObject({
    status: 409,
    body: { code: 'email_taken' },
  })
  const { accessToken: token } = await users.register()
  const change = { email: email.toUpperCase(), password: goodPassword }
  expect(await users.call('PATCH /v1/users/me', { token, body: change })).toMatchObject({ status: 409 })
})

test('a pending address goes to the account that proves it first', async () => {
  const [email, wanted] = [newAddress(), newAddress()]
  const { accessToken: token } = await users.register({ email })
  await verify((await mail.mailsTo(email))[0]?.token)
  const body = { email: wanted, password: goodPassword }
  await users.call('PATCH /v1/users/me', { token, body })
  const mine = (await mail.mailsTo(wanted))[0]?.token
  await users.register({ email: wanted })
  await verify((await mail.mailsTo(wanted, 2))[1]?.token)
  expect((await verify(mine)).status).toBe(410)
  expect(await me(token)).toMatchObject({ email, emailVerified: true, pendingEmail: null })
})
