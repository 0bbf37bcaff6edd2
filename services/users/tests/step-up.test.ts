import type { Me, Problem, SignedIn } from '@finnigram/contracts'
import { Secret, TOTP } from 'otpauth'
import { afterAll, beforeAll, expect, test } from 'vitest'
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
const codeOf = (secret: string, steps = 0) =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + steps * 30_000 })
const me = async (token: string) => (await users.call<Me>('GET /v1/users/me', { token })).body
const reset = (token: string | undefined, newPassword = 'a better horse battery') =>
  users.call<Problem>('POST /v1/auth/password/reset', { body: { token, newPassword } })

/** What a person's mailbox got of one subject. */
const mailsAbout = async (email: string, subject: string) => {
  users.ctx.mailer.wake()
  return expect.poll(
    async () => {
      const { rows } = await users.ctx.pool.query('SELECT FROM mails')
      return rows.length === 0 && mail.mails.filter((one) => one.to === email && one.subject === subject)
    },
    { timeout: 10_000 },
  )
}
const mailedToken = async (email: string, subject: string) => {
  await (await mailsAbout(email, subject)).toHaveLength(1)
  return mail.mails.find((one) => one.to === email && one.subject === subject)?.token
}

/** A person with a proven address. */
async function proven() {
  const email = newAddress()
  const signedIn = await users.register({ email })
  const token = await mailedToken(email, 'Is this your e-mail address?')
  expect((await users.call('POST /v1/auth/email/verify', { body: { token } })).status).toBe(204)
  return { ...signedIn, email }
}

/** The same with a second factor, none of whose codes has been used. */
async function guarded() {
  const person = await proven()
  const token = person.accessToken
  const { body } = await users.call<{ secret: string }>('POST /v1/auth/totp', {
    token,
    body: { password: goodPassword },
  })
  await users.call('POST /v1/auth/totp/confirm', { token, body: { code: codeOf(body.secret) } })
  await users.ctx.pool.query('UPDATE users SET totp_last_step = NULL WHERE id = $1', [person.user.id])
  return { ...person, secret: body.secret }
}

/** What changes how an account is entered, as a client asks for it. */
const delicate = (proof: object = {}): [request: string, body: object][] => [
  ['PATCH /v1/users/me', { email: newAddress(), ...proof }],
  ['PATCH /v1/users/me', { email: null, ...proof }],
  ['DELETE /v1/auth/totp', proof],
  ['DELETE /v1/users/me', { password: goodPassword, ...proof }],
]

test('an access token alone, however fresh, makes no sensitive change', async () => {
  const { user, email, accessToken: token } = await proven()
  const asked = [
    ...delicate().slice(0, 3),
    ['POST /v1/auth/totp', {}] as const,
    ['POST /v1/auth/totp', undefined] as const,
  ]
  for (const [request, body] of asked) {
    const refused = await users.call<Problem>(request, { token, body })
    expect(refused, request).toMatchObject({ status: 403, body: { code: 'reauthentication_required' } })
  }
  expect(await me(token)).toMatchObject({ id: user.id, email, emailVerified: true, totpEnabled: false })
})

test('a wrong password says which field is wrong, and the session’s tries are counted', async () => {
  const { accessToken: token } = await proven()
  for (const [request, body] of delicate({ password: 'not this one' })) {
    expect(await users.call(request, { token, body }), request).toMatchObject({
      status: 401,
      body: { code: 'invalid_credentials', errors: [{ path: 'body.password' }] },
    })
  }
})

test('with a second factor, the password alone is not enough for any of it', async () => {
  const { accessToken: token, email, secret } = await guarded()
  for (const [request, body] of delicate({ password: goodPassword })) {
    expect(await users.call(request, { token, body }), request).toMatchObject({
      status: 401,
      body: { code: 'totp_required' },
    })
    expect(await users.call(request, { token, body: { ...body, totp: codeOf(secret, 9) } })).toMatchObject({
      status: 401,
      body: { code: 'invalid_credentials', errors: [{ path: 'body.totp' }] },
    })
  }
  expect(await me(token)).toMatchObject({ email, totpEnabled: true })
})

test('a code counts once, and is not used up by a change that fails', async () => {
  const taken = await proven()
  const { accessToken: token, secret } = await guarded()
  const body = { password: goodPassword, totp: codeOf(secret) }
  const change = (email: string) =>
    users.call<Me & Problem>('PATCH /v1/users/me', { token, body: { ...body, email } })
  expect(await change(taken.email)).toMatchObject({ status: 409, body: { code: 'email_taken' } })
  expect((await change(newAddress())).status).toBe(200)
  expect(await users.call('DELETE /v1/auth/totp', { token, body })).toMatchObject({ status: 401 })
  const later = { ...body, totp: codeOf(secret, 1) }
  expect((await users.call('DELETE /v1/auth/totp', { token, body: later })).status).toBe(204)
})

test('guesses at a code are counted together with those of sign-ins', async () => {
  await using strict = await startTestUsers({ RATE_LIMIT_SCALE: '1' })
  const { accessToken: token, user } = await strict.register()
  const proof = { password: goodPassword }
  const { body } = await strict.call<{ secret: string }>('POST /v1/auth/totp', { token, body: proof })
  await strict.call('POST /v1/auth/totp/confirm', { token, body: { code: codeOf(body.secret) } })
  const end = (totp: string) => strict.call('DELETE /v1/auth/totp', { token, body: { ...proof, totp } })
  for (let n = 0; n < 9; n += 1) expect((await end('000000')).status).toBe(401)
  const login = { identifier: user.username, ...proof, totp: '000000' }
  expect((await strict.call('POST /v1/auth/login', { body: login })).status).toBe(401)
  expect(await end(codeOf(body.secret, 1))).toMatchObject({ status: 429 })
})

test('a proven address stays in use until the new one is proven, and is notified at once', async () => {
  const { user, email, accessToken: token } = await proven()
  const next = newAddress()
  const { body } = await users.call<Me>('PATCH /v1/users/me', {
    token,
    body: { email: next, password: goodPassword },
  })
  expect(body).toMatchObject({ email, emailVerified: true, pendingEmail: next })
  await mailedToken(email, 'Your e-mail address is about to change')
  expect((await users.login(email)).body.user.id).toBe(user.id)
  expect((await users.login(next)).status).toBe(401)

  const verification = await mailedToken(next, 'Is this your e-mail address?')
  expect((await users.call('POST /v1/auth/email/verify', { body: { token: verification } })).status).toBe(204)

  expect(await me(token)).toMatchObject({ email: next, emailVerified: true, pendingEmail: null })
  await mailedToken(email, 'Your e-mail address was changed')
  expect((await users.login(email)).status).toBe(401)
  expect((await users.login(next)).body.user.id).toBe(user.id)
})

test('a reset goes to the last proven address and cancels a pending change', async () => {
  const { user, email, accessToken: token } = await proven()
  const evil = newAddress()
  await users.call('PATCH /v1/users/me', { token, body: { email: evil, password: goodPassword } })
  const verification = await mailedToken(evil, 'Is this your e-mail address?')
  await users.call('POST /v1/auth/password/forgot', { body: { email: evil } })
  await (await mailsAbout(evil, 'Set a new password')).toHaveLength(0)

  await users.call('POST /v1/auth/password/forgot', { body: { email } })
  expect((await reset(await mailedToken(email, 'Set a new password'))).status).toBe(204)

  const late = await users.call('POST /v1/auth/email/verify', { body: { token: verification } })
  expect(late).toMatchObject({ status: 410, body: { code: 'gone' } })
  const again = (await users.login(email, 'a better horse battery')).body as SignedIn
  expect(again.user).toMatchObject({ id: user.id, email, pendingEmail: null })
})

test('a changed password, and giving the present address again, cancel a pending change', async () => {
  const { email, accessToken: token } = await proven()
  const wait = async () => {
    const next = newAddress()
    await users.call('PATCH /v1/users/me', { token, body: { email: next, password: goodPassword } })
    return mailedToken(next, 'Is this your e-mail address?')
  }
  const first = await wait()
  // Its case does not matter: the letters stay as they were when it was proven.
  const again = { email: email.toUpperCase() }
  expect((await users.call<Me>('PATCH /v1/users/me', { token, body: again })).body).toMatchObject({
    email,
    pendingEmail: null,
  })
  const second = await wait()
  const body = { currentPassword: goodPassword, newPassword: 'a better horse battery' }
  expect((await users.call('POST /v1/auth/password', { token, body })).status).toBe(204)
  for (const late of [first, second])
    expect((await users.call('POST /v1/auth/email/verify', { body: { token: late } })).status).toBe(410)
  expect(await me(token)).toMatchObject({ email, emailVerified: true, pendingEmail: null })
  const { body: log } = await users.call<{ items: { type: string }[] }>('GET /v1/auth/activity', { token })
  expect(log.items.filter(({ type }) => type === 'email_change_cancelled')).toHaveLength(2)
})

test('giving the present address without a pending change changes nothing', async () => {
  const { email, accessToken: token } = await proven()
  const before = await me(token)
  const { body } = await users.call<Me>('PATCH /v1/users/me', { token, body: { email } })
  expect(body).toEqual(before)
  const { body: log } = await users.call<{ items: { type: string }[] }>('GET /v1/auth/activity', { token })
  expect(log.items.map(({ type }) => type)).not.toContain('email_change_cancelled')
})

test('another username needs no password; the proven address is notified of it', async () => {
  const { email, user, accessToken: token } = await proven()
  const username = newName('renamed')
  expect((await users.call('PATCH /v1/users/me', { token, body: { username, bio: 'x' } })).status).toBe(200)
  const received = await mailsAbout(email, 'Your username was changed')
  await received.toHaveLength(1)
  const source = mail.mails.find(({ to, subject }) => to === email && /username/.test(subject))?.source
  expect(source).toContain(`Hello ${username},`)
  expect(source?.replaceAll('\n', ' ')).toContain('kept for you for 14 days')
  // The one it has already is none other.
  await users.call('PATCH /v1/users/me', { token, body: { username: username.toUpperCase(), bio: 'y' } })
  const { body: log } = await users.call<{ items: { type: string }[] }>('GET /v1/auth/activity', { token })
  expect(log.items.filter(({ type }) => type === 'username_changed')).toHaveLength(1)
  expect((await users.login(user.username)).status).toBe(401)
})

test('of two changes the later one counts, and the link of the earlier one is revoked', async () => {
  const { accessToken: token } = await proven()
  const [first, second] = [newAddress(), newAddress()]
  const change = (email: string) =>
    users.call('PATCH /v1/users/me', { token, body: { email, password: goodPassword } })
  await change(first)
  const early = await mailedToken(first, 'Is this your e-mail address?')
  await change(second)
  const late = await mailedToken(second, 'Is this your e-mail address?')
  const tries = await Promise.all(
    [early, late].map((one) => users.call('POST /v1/auth/email/verify', { body: { token: one } })),
  )
  expect(tries.map(({ status }) => status)).toEqual([410, 204])
  expect((await me(token)).email).toBe(second)
})

test('an unproven address does not replace a proven one that was given up', async () => {
  const { accessToken: token, email } = await proven()
  const typo = newAddress()
  for (const next of [null, typo])
    await users.call('PATCH /v1/users/me', { token, body: { email: next, password: goodPassword } })
  expect(await me(token)).toMatchObject({ email: typo, emailVerified: false })
  for (const address of [email, typo]) {
    await users.call('POST /v1/auth/password/forgot', { body: { email: address } })
    await (await mailsAbout(address, 'Set a new password')).toHaveLength(0)
  }
})

test('an export needs a recent sign-in or reauthentication', async () => {
  const { user, accessToken: token } = await users.register()
  const age = `UPDATE sessions SET authenticated_at = now() - interval '16 minutes' WHERE user_id = $1`
  await users.ctx.pool.query(age, [user.id])
  const exported = () => users.call<Problem>('GET /v1/users/me/export', { token })
  const again = (body: object) => users.call('POST /v1/auth/reauthenticate', { token, body })
  expect(await exported()).toMatchObject({ status: 403, body: { code: 'reauthentication_required' } })
  expect((await again({})).status).toBe(403)
  expect((await again({ password: 'not this one' })).status).toBe(401)
  expect((await exported()).status).toBe(403)
  expect((await again({ password: goodPassword })).status).toBe(204)
  // The messages service is not there in this test.
  expect((await exported()).status).toBe(503)
})
