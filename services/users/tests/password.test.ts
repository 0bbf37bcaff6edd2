import type { Problem } from '@finnigram/contracts'
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

const next = 'a better horse battery'
const change = (token: string | undefined, body: unknown) =>
  users.call<Problem>('POST /v1/auth/password', { token, body })

test('changing the password requires sign-in', async () => {
  expect((await change(undefined, { currentPassword: goodPassword, newPassword: next })).status).toBe(401)
})

test('a changed password signs in, the old one does not, and all other sessions end', async () => {
  const email = `${newName()}@example.org`
  const first = await users.register({ email })
  const second = (await users.login(first.user.username)).body
  const [verification] = await mail.mailsTo(email)
  await users.call('POST /v1/auth/email/verify', { body: { token: verification?.token } })

  const reply = await change(first.accessToken, { currentPassword: goodPassword, newPassword: next })
  expect(reply.status).toBe(204)

  expect((await users.login(first.user.username)).status).toBe(401)
  expect((await users.login(first.user.username, next)).status).toBe(200)
  expect((await users.refresh(second.refreshToken)).status).toBe(401)
  expect((await users.refresh(first.refreshToken)).status).toBe(200)
  const [, notice] = await mail.mailsTo(email, 2)
  expect(notice?.subject).toBe('Your password was changed')
  expect(notice?.token).toBe('')
})

test('a wrong present password changes nothing', async () => {
  const { user, accessToken, refreshToken } = await users.register()
  const reply = await change(accessToken, { currentPassword: 'not this one', newPassword: next })
  expect(reply).toMatchObject({ status: 401, body: { code: 'invalid_credentials' } })
  expect((await users.login(user.username)).status).toBe(200)
  expect((await users.refresh(refreshToken)).status).toBe(200)
})

test('a common or short password is refused at its place, with all other mistakes', async () => {
  const { accessToken } = await users.register()
  for (const newPassword of ['Password1', 'sh0rt!!', 'x'.repeat(257)]) {
    const { status, body } = await change(accessToken, { currentPassword: '', newPassword })
    expect([status, body.code]).toEqual([400, 'validation_failed'])
    expect(body.errors?.map(({ path }) => path)).toEqual(['body.currentPassword', 'body.newPassword'])
  }
})

test('a password that is little more than one’s own name is refused wherever it is chosen', async () => {
  const { user, accessToken } = await users.register({ username: 'wilhelmina', displayName: 'Mina Harker' })
  for (const newPassword of ['wilhelmina1', 'Harker2026', 'finnigram!']) {
    const { status, body } = await change(accessToken, { currentPassword: goodPassword, newPassword })
    expect([status, body.errors?.[0]?.path]).toEqual([400, 'body.newPassword'])
  }
  const attempt = { username: 'jonathan.h', displayName: 'Jonathan', password: 'jonathan 1897' }
  const reply = await users.call<Problem>('POST /v1/auth/register', { body: attempt })
  expect([reply.status, reply.body.errors?.[0]?.path]).toEqual([400, 'body.password'])
  expect((await users.login(user.username)).status).toBe(200)
})

test('of two who change it at once, one does', async () => {
  const { user, accessToken } = await users.register()
  const choices = ['one of the two horses', 'another of the horses']
  const replies = await Promise.all(
    choices.map((newPassword) => change(accessToken, { currentPassword: goodPassword, newPassword })),
  )
  expect(replies.map(({ status }) => status).sort()).toEqual([204, 401])
  const logins = await Promise.all(choices.map((password) => users.login(user.username, password)))
  expect(logins.map(({ status }) => status)).toEqual(
    replies.map(({ status }) => (status === 204 ? 200 : 401)),
  )
})

test('a sign-in with the old password during a change ends up without a session', async () => {
  const { user, accessToken } = await users.register()
  const [changed, ...logins] = await Promise.all([
    change(accessToken, { currentPassword: goodPassword, newPassword: next }),
    ...Array.from({ length: 6 }, () => users.login(user.username)),
  ])
  expect(changed?.status).toBe(204)
  for (const { status, body } of logins) {
    if (status === 200) expect((await users.refresh(body.refreshToken)).status).toBe(401)
    else expect(status).toBe(401)
  }
})

test('nothing of a password is cut off, trimmed or folded', async () => {
  const long = `${'x'.repeat(254)} é`
  const { user } = await users.register({ password: long })
  expect((await users.login(user.username, long)).status).toBe(200)
  for (const other of [`${'x'.repeat(254)} e`, long.slice(0, -1), long.toUpperCase()]) {
    expect((await users.login(user.username, other)).status).toBe(401)
  }
  const spaced = ' between  two spaces '
  const { user: other } = await users.register({ password: spaced })
  expect((await users.login(other.username, spaced)).status).toBe(200)
  expect((await users.login(other.username, spaced.trim())).status).toBe(401)
})

test('characters are counted as people count them', async () => {
  const attempt = (password: string) =>
    users.call('POST /v1/auth/register', { body: { username: newName(), displayName: 'Anna', password } })
  expect((await attempt('🐴🐴🐴🐴')).status).toBe(400)
  expect((await attempt('éèêë'.normalize('NFD'))).status).toBe(400)
  expect((await attempt('🐴🐎🦄🎠🏇🐂🐃🐄')).status).toBe(201)
})
