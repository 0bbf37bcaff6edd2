import type { Problem, SignedIn } from '@finnigram/contracts'
import { Secret, TOTP, URI } from 'otpauth'
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

interface Started {
  secret: string
  uri: string
}
const given = { password: goodPassword }
const start = (token: string | undefined, body: unknown = given) =>
  users.call<Started & Problem>('POST /v1/auth/totp', { token, body })
const confirm = (token: string | undefined, code: string) =>
  users.call<{ recoveryCodes: string[] } & Problem>('POST /v1/auth/totp/confirm', { token, body: { code } })
const end = (token: string | undefined, body: unknown = given) =>
  users.call<Problem>('DELETE /v1/auth/totp', { token, body })
const login = (identifier: string, totp?: string, password = goodPassword) =>
  users.call<SignedIn & Problem>('POST /v1/auth/login', { body: { identifier, password, totp } })

/** The code an authenticator app shows, `steps` half minutes from now. */
const codeOf = (secret: string, steps = 0) =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + steps * 30_000 })

/** Proves an address by the first mail it got. */
async function prove(email: string) {
  const received = mail.mails.find(({ to }) => to === email)
  const body = { token: received?.token }
  expect((await users.call('POST /v1/auth/email/verify', { body })).status).toBe(204)
}

/** A person whose second factor is on, and who has used no code yet. */
async function guarded({ isProven = false } = {}) {
  const email = `${newName()}@example.org`
  const signedIn = await users.register({ email })
  await mail.mailsTo(email)
  if (isProven) await prove(email)
  const { secret } = (await start(signedIn.accessToken)).body
  const { recoveryCodes } = (await confirm(signedIn.accessToken, codeOf(secret))).body
  await users.ctx.pool.query('UPDATE users SET totp_last_step = NULL WHERE id = $1', [signedIn.user.id])
  return { ...signedIn, email, secret, recoveryCodes, name: signedIn.user.username }
}

test('the second factor requires sign-in', async () => {
  for (const reply of [await start(undefined), await confirm(undefined, '000000'), await end(undefined)]) {
    expect(reply).toMatchObject({ status: 401, body: { code: 'unauthenticated' } })
  }
})

test('once it is confirmed, signing in needs a code', async () => {
  const { user, accessToken } = await users.register()
  const { status, body } = await start(accessToken)
  expect(status).toBe(200)
  expect(Buffer.from(Secret.fromBase32(body.secret).bytes)).toHaveLength(20)
  expect(URI.parse(body.uri)).toMatchObject({
    issuer: 'Finnigram',
    label: user.username,
    digits: 6,
    period: 30,
  })
  expect((await login(user.username)).status).toBe(200)

  const { recoveryCodes } = (await confirm(accessToken, codeOf(body.secret))).body
  expect(new Set(recoveryCodes).size).toBe(10)
  for (const code of recoveryCodes) expect(code).toMatch(/^([a-z2-7]{6}-){3}[a-z2-7]{6}$/)

  expect(await login(user.username)).toMatchObject({ status: 401, body: { code: 'totp_required' } })
  expect(await login(user.username, codeOf(body.secret, 1))).toMatchObject({
    status: 200,
    body: { user: { totpEnabled: true } },
  })
})

test('only the right password reveals that a code is needed', async () => {
  const { name, secret } = await guarded()
  const strip = ({ requestId: _, ...problem }: Problem) => problem
  const wrong = await login(name, undefined, 'not this one')
  const wrongWithCode = await login(name, codeOf(secret), 'not this one')
  const unknown = await login(newName(), codeOf(secret), 'not this one')
  expect(wrong).toMatchObject({ status: 401, body: { code: 'invalid_credentials' } })
  expect(strip(wrongWithCode.body)).toEqual(strip(wrong.body))
  expect(strip(unknown.body)).toEqual(strip(wrong.body))
  expect((await login(name, codeOf(secret))).status).toBe(200)
})

test('a code signs in once, and none before it any more', async () => {
  const { name, secret } = await guarded()
  const [past, code] = [codeOf(secret), codeOf(secret, 1)]
  expect((await login(name, code)).status).toBe(200)
  for (const used of [code, past]) {
    expect(await login(name, used)).toMatchObject({ status: 401, body: { code: 'invalid_credentials' } })
  }
})

test('of many who use one code at the same moment, one gets in', async () => {
  const { name, secret, recoveryCodes } = await guarded()
  for (const code of [codeOf(secret), recoveryCodes[0] ?? '']) {
    const replies = await Promise.all(Array.from({ length: 5 }, () => login(name, code)))
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401, 401])
  }
})

test('codes of other times, other people and other shapes are wrong', async () => {
  const { name, secret } = await guarded()
  const other = await guarded()
  const wrong = [codeOf(secret, -4), codeOf(secret, 4), codeOf(other.secret), other.recoveryCodes[0] ?? '']
  for (const totp of [...wrong, '١٢٣٤٥٦', 'abcdef', '-------', `${codeOf(secret)}0`]) {
    expect(await login(name, totp), totp).toMatchObject({
      status: 401,
      body: { code: 'invalid_credentials' },
    })
  }
  expect((await login(name, '12345')).status).toBe(400)
  expect((await login(name, ` ${codeOf(secret).replace(/^.../, '$& ')} `)).status).toBe(200)
})

test('each recovery code signs in once, however it is typed', async () => {
  const { name, recoveryCodes } = await guarded()
  const [first = '', second = ''] = recoveryCodes
  expect((await login(name, first)).status).toBe(200)
  expect((await login(name, first)).status).toBe(401)
  expect((await login(name, second.toUpperCase().replaceAll('-', ' '))).status).toBe(200)
  const { rows } = await users.ctx.pool.query(
    'SELECT hash FROM recovery_codes c JOIN users u ON u.id = c.user_id WHERE u.username = $1',
    [name],
  )
  expect(rows).toHaveLength(8)
  expect(JSON.stringify(rows)).not.toContain(recoveryCodes[3])
})

test('a wrong code confirms nothing, and neither does a code without a start', async () => {
  const { accessToken, user } = await users.register()
  expect(await confirm(accessToken, '000000')).toMatchObject({ status: 409, body: { code: 'conflict' } })
  const { secret } = (await start(accessToken)).body
  expect(await confirm(accessToken, codeOf(secret, 9))).toMatchObject({
    status: 401,
    body: { code: 'invalid_credentials' },
  })
  expect((await login(user.username)).body.user.totpEnabled).toBe(false)
  const again = (await start(accessToken)).body.secret
  expect(again).not.toBe(secret)
  expect((await confirm(accessToken, codeOf(secret))).status).toBe(401)
  expect((await confirm(accessToken, codeOf(again))).status).toBe(200)
  expect(await start(accessToken)).toMatchObject({ status: 409, body: { code: 'conflict' } })
  expect(await confirm(accessToken, codeOf(again, 1))).toMatchObject({ status: 409 })
})

test('turned off, the password is enough, and the recovery codes are worth nothing', async () => {
  const { name, accessToken, recoveryCodes, email } = await guarded({ isProven: true })
  const [totp] = recoveryCodes
  expect((await end(accessToken, { ...given, totp })).status).toBe(204)
  expect((await end(accessToken)).status).toBe(204)
  expect((await login(name)).body.user.totpEnabled).toBe(false)

  const { secret } = (await start(accessToken)).body
  expect((await confirm(accessToken, codeOf(secret))).status).toBe(200)
  expect((await login(name, recoveryCodes[1])).status).toBe(401)
  const subjects = (await mail.mailsTo(email, 4)).map(({ subject }) => subject)
  expect(subjects.sort()).toEqual([
    'Is this your e-mail address?',
    'Two-factor sign-in is off',
    'Two-factor sign-in is on',
    'Two-factor sign-in is on',
  ])
})

test('the shared secret is stored sealed, for its person only', async () => {
  const { user, secret } = await guarded()
  const { rows } = await users.ctx.pool.query<{ sealed: Buffer }>(
    'SELECT totp_secret AS sealed FROM users WHERE id = $1',
    [user.id],
  )
  const sealed = rows[0]?.sealed ?? Buffer.alloc(0)
  const bytes = Buffer.from(Secret.fromBase32(secret).bytes)
  expect(sealed.includes(bytes)).toBe(false)
  expect(users.ctx.sealer.open(`totp ${user.id}`, sealed)).toEqual(bytes)
})

test('a reset password does not turn the second factor off where the address is proven', async () => {
  const { name, email, secret } = await guarded({ isProven: true })
  await users.call('POST /v1/auth/password/forgot', { body: { email } })
  users.ctx.mailer.wake()
  const received = await mail.mailsTo(email, 3)
  const token = received.find(({ subject }) => subject === 'Set a new password')?.token
  const body = { token, newPassword: 'a better horse battery' }
  expect((await users.call('POST /v1/auth/password/reset', { body })).status).toBe(204)
  expect((await login(name, undefined, body.newPassword)).body.code).toBe('totp_required')
  expect((await login(name, codeOf(secret), body.newPassword)).status).toBe(200)
})
