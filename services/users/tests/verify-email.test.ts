import type { Me, Problem } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
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
const verify = (token: string) => users.call<Problem>('POST /v1/auth/email/verify', { body: { token } })
const resend = (token?: string) => users.call<Problem>('POST /v1/auth/email/resend', { token })
const change = (token: string, body: object) =>
  users.call<Me & Problem>('PATCH /v1/users/me', { token, body: { password: goodPassword, ...body } })
const isVerified = async (token: string) =>
  (await users.call<Me>('GET /v1/users/me', { token })).body.emailVerified

test('registering with an address mails a link that proves it once', async () => {
  const email = newAddress()
  const { user, accessToken } = await users.register({ email })
  const [received] = await mail.mailsTo(email)
  expect(received?.source).toContain(`/verify-email#token=${received?.token}\n`)
  expect(received?.source).toContain(`Hello ${user.username},`)
  expect(await isVerified(accessToken)).toBe(false)

  expect((await verify(received?.token ?? '')).status).toBe(204)

  expect(await isVerified(accessToken)).toBe(true)
  await eventually(async () => {
    const emitted = (await readUserEvents(users)).filter(
      ({ key, type }) => key === user.id && type === 'user.updated',
    )
    expect(emitted).toHaveLength(1)
  })
  expect(await verify(received?.token ?? '')).toMatchObject({ status: 410, body: { code: 'gone' } })
  expect(await resend(accessToken)).toMatchObject({ status: 409, body: { code: 'conflict' } })
})

test('sending it again requires sign-in and an address that is not proven', async () => {
  expect((await resend()).status).toBe(401)
  const { accessToken } = await users.register()
  expect(await resend(accessToken)).toMatchObject({ status: 409, body: { code: 'conflict' } })
})

test('sending a link again revokes the one before', async () => {
  const email = newAddress()
  const { accessToken } = await users.register({ email })
  const [first] = await mail.mailsTo(email)
  expect((await resend(accessToken)).status).toBe(202)
  const [, second] = await mail.mailsTo(email, 2)
  expect((await verify(first?.token ?? '')).status).toBe(410)
  expect((await verify(second?.token ?? '')).status).toBe(204)
})

test('an address that replaces an unproven one is mailed a link; the old one gets no mail, and its link is revoked', async () => {
  const [before, after] = [newAddress(), newAddress()]
  const { accessToken } = await users.register({ email: before })
  const [old] = await mail.mailsTo(before)

  expect((await change(accessToken, { email: after })).body).toMatchObject({
    email: after,
    emailVerified: false,
  })

  const [received] = await mail.mailsTo(after)
  expect(await mail.mailsTo(before)).toEqual([old])
  expect((await verify(old?.token ?? '')).status).toBe(410)
  expect((await verify(received?.token ?? '')).status).toBe(204)
  expect(await isVerified(accessToken)).toBe(true)
  expect((await change(accessToken, { email: after.toUpperCase() })).body.emailVerified).toBe(true)
  expect((await change(accessToken, { email: null })).body).toMatchObject({
    email: null,
    emailVerified: false,
  })
  expect((await mail.mailsTo(after, 2))[1]?.subject).toBe('Your e-mail address was changed')
})

test('a link proves no address that the account no longer has', async () => {
  const email = newAddress()
  const { user, accessToken } = await users.register({ email })
  const [received] = await mail.mailsTo(email)
  await users.ctx.pool.query(`UPDATE users SET email = 'x@y.z', email_key = 'x@y.z' WHERE id = $1`, [user.id])
  expect((await verify(received?.token ?? '')).status).toBe(410)
  expect(await isVerified(accessToken)).toBe(false)
})

test('what is not an address, or not a token, is refused', async () => {
  const { accessToken } = await users.register()
  for (const email of ['a@b.c, d@e.f', 'a@b.c\r\nBcc: d@e.f', 'x', ''])
    expect((await change(accessToken, { email })).status).toBe(400)
  expect((await verify('')).status).toBe(400)
  expect((await verify('x'.repeat(257))).status).toBe(400)
})
