import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newId } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { expect, test } from 'vitest'
import { startMailServer } from './start-mail-server.ts'
import { goodPassword, newName, startTestUsers, type TestUsers } from './start-test-users.ts'

const counted = async ({ url }: TestUsers, reason: string) => {
  const text = await (await fetch(`${url}/metrics`)).text()
  return Number(new RegExp(`mails_held_back_total{.*reason="${reason}".*} (\\d+)`).exec(text)?.[1] ?? 0)
}
const waiting = async ({ ctx }: TestUsers) => (await ctx.pool.query('SELECT FROM mails')).rows.length
const sent = (users: TestUsers) =>
  eventually(
    async () => {
      users.ctx.mailer.wake()
      expect(await waiting(users)).toBe(0)
    },
    { within: 15_000 },
  )

test('one mailbox gets ten links an hour, however its address is spelled; all who register get the same answer', async () => {
  await using mail = await startMailServer()
  await using users = await startTestUsers({ SMTP_URL: mail.url, RATE_LIMIT_SCALE: '1' })
  const name = newName()
  for (let n = 0; n < 14; n += 1) {
    const email =
      n % 2
        ? `${name}+${n}@gmail.com`
        : `${name.slice(0, 3)}${'.'.repeat(n === 0 ? 0 : 1)}${name.slice(3)}@googlemail.com`
    const body = { username: newName(), displayName: 'One of many', password: goodPassword, email }
    expect((await users.call('POST /v1/auth/register', { body })).status).toBe(201)
  }
  await sent(users)
  expect(mail.mails).toHaveLength(10)
  expect(await counted(users, 'mailbox')).toBe(4)
  const { rows } = await users.ctx.pool.query('SELECT FROM mailed_tokens')
  expect(rows).toHaveLength(10)
}, 30_000)

const prove = ({ ctx }: TestUsers, id: string) =>
  ctx.pool.query('UPDATE users SET email_verified = true WHERE id = $1', [id])

test('registering other spellings of a mailbox does not stop resets and notices of its owner', async () => {
  await using mail = await startMailServer()
  await using users = await startTestUsers({ SMTP_URL: mail.url, RATE_LIMIT_SCALE: '0.2' })
  const [name, body] = [newName(), { displayName: 'X', password: goodPassword }]
  const email = `${name}@example.org`
  const owner = await users.register({ ...body, email })
  await mail.mailsTo(email)
  await prove(users, owner.user.id)
  // Nor do they take the waiting places, while the mail server is away.
  await mail.stop()
  for (let n = 0; n < 3; n += 1) await users.register({ ...body, email: `${name}+${n}@example.org` })
  for (let n = 0; n < 44; n += 1) {
    const headers = { 'x-forwarded-for': `198.51.100.${n}` }
    const asked = { email: `${name}+${n % 2}@example.org` }
    expect((await users.call('POST /v1/auth/password/forgot', { body: asked, headers })).status).toBe(202)
  }
  const { accessToken: token } = owner
  const change = { currentPassword: goodPassword, newPassword: 'a good new horse' }
  expect((await users.call('POST /v1/auth/password', { token, body: change })).status).toBe(204)
  expect((await users.call('POST /v1/auth/password/forgot', { body: { email } })).status).toBe(202)
  await mail.start()
  await eventually(async () => {
    await users.ctx.pool.query('UPDATE mails SET due_at = now()')
    users.ctx.mailer.wake()
    expect(await waiting(users)).toBe(0)
  })
  const subjects = mail.mails.filter(({ to }) => to === email).map(({ subject }) => subject)
  expect(subjects.slice(1).sort()).toEqual(['Set a new password', 'Your password was changed'])
  // Of their own there were two to prove an address, the owner's before it was proven among them,
  // and two to set a password.
  const theirs = mail.mails.filter(({ to }) => to.startsWith(`${name}+`)).map(({ subject }) => subject)
  const [verification, reset] = ['Is this your e-mail address?', 'Set a new password']
  expect(theirs.sort()).toEqual([verification, reset, reset])
}, 30_000)

test('an unproven address gets no notices of its account', async () => {
  await using mail = await startMailServer()
  await using users = await startTestUsers({ SMTP_URL: mail.url })
  const [email, next] = [`${newName()}@example.org`, `${newName()}@example.org`]
  const { accessToken: token } = await users.register({ email })
  const change = { currentPassword: goodPassword, newPassword: 'a good new horse' }
  expect((await users.call('POST /v1/auth/password', { token, body: change })).status).toBe(204)
  const profile = { username: newName('other'), email: next, password: 'a good new horse' }
  expect((await users.call('PATCH /v1/users/me', { token, body: profile })).status).toBe(200)
  await sent(users)
  expect(mail.mails.map(({ to, subject }) => [to, subject])).toEqual([
    [email, 'Is this your e-mail address?'],
    [next, 'Is this your e-mail address?'],
  ])
})

test('while the mail server is away, twenty mails of a kind may wait for one address', async () => {
  await using mail = await startMailServer()
  await mail.stop()
  await using users = await startTestUsers({ SMTP_URL: mail.url })
  const email = `${newName()}@example.org`
  const { accessToken: token, user } = await users.register({ email })
  await prove(users, user.id)
  // The link that would prove the address is given up at its next try, whenever that is.
  await users.ctx.pool.query('DELETE FROM mails')
  for (let n = 0; n < 25; n += 1)
    expect((await users.call('POST /v1/auth/password/forgot', { body: { email } })).status).toBe(202)
  expect(await waiting(users)).toBe(20)
  expect(await counted(users, 'queue')).toBe(5)
  const change = { currentPassword: goodPassword, newPassword: 'a good new horse' }
  await users.call('POST /v1/auth/password', { token, body: change })
  expect(await waiting(users)).toBe(21)
})

test('one IP address that registers many accounts causes sixty mails an hour', async () => {
  await using users = await startTestUsers({ RATE_LIMIT_SCALE: '0.05' })
  const headers = { 'x-forwarded-for': '192.0.2.77' }
  const sign = () => {
    const body = {
      username: newName(),
      displayName: 'X',
      password: goodPassword,
      email: `${newName()}@example.org`,
    }
    return users.call('POST /v1/auth/register', { body, headers })
  }
  for (let n = 0; n < 4; n += 1) expect((await sign()).status).toBe(201)
  expect(await counted(users, 'sender')).toBe(1)
})

test('files of mails are deleted with their account, and after a week', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'finnigram-mail-'))
  await using users = await startTestUsers({ MAIL_DIR: dir })
  const files = async () => (await readdir(dir)).filter((name) => name.endsWith('.eml'))
  const leaving = await users.register({ email: `${newName()}@example.org` })
  const staying = await users.register({ email: `${newName()}@example.org` })
  await eventually(async () => expect(await files()).toHaveLength(2))

  const { accessToken: token } = leaving
  expect((await users.call('DELETE /v1/users/me', { token, body: { password: goodPassword } })).status).toBe(
    204,
  )
  expect(await files()).toEqual([expect.stringContaining(staying.user.id)])

  // Written while the account ended, and by a version that did not say whose a file is.
  await writeFile(join(dir, `${leaving.user.id}.${newId()}.eml`), 'late')
  const [old, recent] = [`${newId()}.eml`, `${newId()}.eml`]
  for (const name of [old, recent]) await writeFile(join(dir, name), 'of before')
  const lastWeek = Date.now() / 1000 - 8 * 24 * 3600
  await utimes(join(dir, old), lastWeek, lastWeek)
  await writeFile(join(dir, 'not.ours.eml'), 'what somebody put here')
  await users.ctx.mailer.sweep()
  const left = await files()
  expect(left).toHaveLength(3)
  expect(left).toContain(recent)
  expect(left.some((name) => name.startsWith(staying.user.id))).toBe(true)
  await rm(dir, { recursive: true })
})
