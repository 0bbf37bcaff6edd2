import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newId } from '@finnigram/contracts'
import { createDatabase, eventually, expectLog, logLines } from '@finnigram/testing'
import { expect, test } from 'vitest'
import { startUsers } from '../src/service.ts'
import { startMailServer, toMail } from './start-mail-server.ts'
import { goodPassword, newName, startTestUsers, type TestUsers, testConfig } from './start-test-users.ts'

const newAddress = () => `${newName()}@example.org`
const queue = async ({ ctx }: TestUsers) =>
  (await ctx.pool.query<{ tries: number; job: Buffer }>('SELECT tries, job FROM mails')).rows
/** Brings the next try forward. */
async function tryNow({ ctx }: TestUsers): Promise<void> {
  await ctx.pool.query('UPDATE mails SET due_at = now()')
  ctx.mailer.wake()
}

test('without a mail server mails are files with restricted access, and the log says where', async () => {
  const dir = join(await mkdtemp(join(tmpdir(), 'finnigram-mail-')), 'mail')
  const email = newAddress()
  {
    await using users = await startTestUsers({ MAIL_DIR: dir, LOG_LEVEL: 'info' })
    expect(logLines()).toContainEqual(expect.objectContaining({ message: `Mail is written to ${dir}` }))
    await users.register({ email })
    const [name = ''] = await eventually(async () => {
      const names = (await readdir(dir)).filter((one) => one.endsWith('.eml'))
      expect(names).toHaveLength(1)
      return names
    })
    const mail = toMail(email, await readFile(join(dir, name), 'utf8'))
    expect(mail.source).toContain(`To: ${email}\n`)
    expect((await stat(join(dir, name))).mode & 0o777).toBe(0o600)
    const body = { token: mail.token }
    expect((await users.call('POST /v1/auth/email/verify', { body })).status).toBe(204)
  }
  await rm(join(dir, '..'), { recursive: true })
})

test('a setting for mail is needed', async () => {
  await expect(startTestUsers({ MAIL_DIR: '', SMTP_URL: '' })).rejects.toThrow(/SMTP_URL/)
  await expect(startTestUsers({ SMTP_URL: 'http://mail' })).rejects.toThrow(/SMTP_URL/)
})

test('while the mail server is away mails wait encrypted, and are sent once when it is back', async () => {
  await using mail = await startMailServer()
  await mail.stop()
  const databaseUrl = await createDatabase()
  const email = newAddress()
  const settings = { DATABASE_URL: databaseUrl, SMTP_URL: mail.url }
  {
    await using users = await startTestUsers(settings)
    await users.register({ email })
    const [waiting] = await eventually(async () => {
      const rows = await queue(users)
      if (rows[0]?.tries === 1) await tryNow(users)
      expect(rows[0]?.tries).toBeGreaterThan(1)
      return rows
    })
    expect(waiting?.job.includes(email)).toBe(false)
    await eventually(async () => {
      const { rows } = await users.ctx.pool.query('SELECT FROM mailed_tokens')
      expect(rows).toEqual([])
    })
    const warnings = logLines().filter(({ message }) => /could not be sent/.test(String(message)))
    expect(warnings.length).toBeGreaterThan(0)
    expect(JSON.stringify(logLines())).not.toContain(email)
    await mail.start()
  }
  await using users = await startTestUsers(settings)
  await tryNow(users)
  await mail.mailsTo(email)
  await eventually(async () => expect(await queue(users)).toEqual([]))
})

test('a mail that a dead node had claimed is sent by another', async () => {
  await using mail = await startMailServer()
  await using users = await startTestUsers({ SMTP_URL: mail.url })
  mail.refusal = { responseCode: 451, message: 'Later' }
  const email = newAddress()
  await users.register({ email })
  await eventually(async () => expect((await queue(users))[0]?.tries).toBe(1))
  await users.ctx.pool.query(`UPDATE mails SET due_at = now() + interval '3 minutes'`)
  mail.refusal = undefined
  users.ctx.mailer.wake()
  expect(mail.mails).toEqual([])
  await tryNow(users)
  await mail.mailsTo(email)
})

test('nodes that share a queue send each mail once', async () => {
  await using mail = await startMailServer()
  await using users = await startTestUsers({ SMTP_URL: mail.url })
  const env = { SMTP_URL: mail.url }
  const config = testConfig({ databaseUrl: users.databaseUrl, redisUrl: users.redis.url, env })
  await using other = await startUsers(config)
  const addresses = Array.from({ length: 12 }, newAddress)
  await Promise.all(addresses.map((email) => users.register({ email })))
  other.ctx.mailer.wake()
  for (const email of addresses) await mail.mailsTo(email)
  await eventually(async () => expect(await queue(users)).toEqual([]))
  expect(mail.mails).toHaveLength(addresses.length)
})

test('an address that the mail server refuses is not retried; a mail older than a day is given up', async () => {
  await using mail = await startMailServer()
  await using users = await startTestUsers({ SMTP_URL: mail.url })
  mail.refusal = { responseCode: 550, message: 'No such mailbox' }
  await users.register({ email: newAddress() })
  await eventually(async () => expect(await queue(users)).toEqual([]), { within: 5000 })

  mail.refusal = { responseCode: 451, message: 'Later' }
  await users.register({ email: newAddress() })
  await eventually(async () => expect((await queue(users))[0]?.tries).toBe(1))
  await users.ctx.pool.query(`UPDATE mails SET created_at = now() - interval '25 hours'`)
  await eventually(async () => {
    await tryNow(users)
    expect(await queue(users)).toEqual([])
  })
  expect(mail.mails).toEqual([])
})

test('the password of the mail server is never sent in clear, unless the URL asks for that', async () => {
  await using mail = await startMailServer()
  const email = newAddress()
  const url = new URL(mail.url)
  url.username = 'finnigram'
  url.password = 'mail secret'
  const settings = { DATABASE_URL: await createDatabase(), SMTP_URL: url.href }
  {
    await using users = await startTestUsers(settings)
    await users.register({ email })
    await eventually(async () => {
      const failed = logLines().find(({ message }) => /could not be sent/.test(String(message)))
      expect(failed).toMatchObject({ code: 'ETLS' })
    })
    expect(mail.passwords).toEqual([])
  }
  await using users = await startTestUsers({ ...settings, SMTP_URL: `${url.href}?requireTLS=false` })
  await tryNow(users)
  await mail.mailsTo(email)
  expect(mail.passwords).toEqual(['mail secret'])
  expect(JSON.stringify(logLines())).not.toContain('mail%20secret')
})

test('a mail whose attempts never finish is parked with its reason, others are sent, and a retry sends it', async () => {
  expectLog(/could not be handled|is parked/)
  await using mail = await startMailServer()
  await using users = await startTestUsers({ SMTP_URL: mail.url })
  const { pool, parked } = users.ctx
  const id = newId()
  // Not sealed with any key of this server.
  await pool.query("INSERT INTO mails (id, job) VALUES ($1, 'x')", [id])
  await users.register({ email: newAddress() })
  await eventually(async () => {
    await tryNow(users)
    expect((await parked.counts())['mail']).toBe(1)
  })
  await eventually(() => expect(mail.mails).toHaveLength(1))
  const [item] = await parked.list({ kind: 'mail', limit: 10 })
  expect(item).toMatchObject({ id, what: 'a mail' })
  expect(item?.reason).not.toBe('')

  expect(await parked.retry({ kind: 'mail', id })).toBe(true)
  expect((await parked.counts())['mail']).toBe(0)
  expect(await parked.retry({ kind: 'mail', id: 'x' })).toBe(false)
  await eventually(async () => {
    await tryNow(users)
    expect(await parked.drop({ kind: 'mail', id })).toBe(true)
  })
})

test('addresses of any script get their mails: one before the @ by SMTPUTF8, one behind it as DNS has it', async () => {
  await using mail = await startMailServer()
  await using users = await startTestUsers({ SMTP_URL: mail.url })
  const name = newName()
  for (const [typed, same, isUtf8] of [
    [`jürgen_${name}@example.com`, `JU\u0308RGEN_${name}@example.com`, true],
    [`${name}@müller.example`, `${name}@xn--mller-kva.example`, false],
    [`用户${name}@例子。广告`, `用户${name}@xn--fsqu00a.xn--4rr70v`, true],
    [`अजय${name}@डाटा.भारत`, ` अजय${name}@डाटा.भारत `, true],
  ] as const) {
    const { user, accessToken: token } = await users.register({ email: typed })
    expect(user.email).toBe(typed.replace('。', '.'))
    const received = await eventually(() => {
      const found = mail.mails.at(-1)
      expect(found?.source).toContain(`Hello ${user.username},`)
      return found
    })
    expect(received).toMatchObject({ isUtf8, subject: 'Is this your e-mail address?' })
    expect(received?.to).toMatch(
      isUtf8 ? /[^\0-\x7F]/ : new RegExp(`^${name}@(müller|xn--mller-kva).example$`),
    )
    const body = { token: received?.token }
    expect((await users.call('POST /v1/auth/email/verify', { body })).status).toBe(204)

    // Proven, it belongs to one account in any spelling, and each spelling signs in and gets a
    // link.
    const other = { username: newName(), displayName: 'X', password: goodPassword, email: same }
    expect((await users.call('POST /v1/auth/register', { body: other })).status).toBe(409)
    expect((await users.login(same.trim())).status).toBe(200)
    expect((await users.call('POST /v1/auth/password/forgot', { body: { email: same } })).status).toBe(202)
    users.ctx.mailer.wake()
    await eventually(() => expect(mail.mails.at(-1)?.subject).toBe('Set a new password'))
    const again = await users.call<{ email: string }>('PATCH /v1/users/me', { token, body: { email: same } })
    expect(again).toMatchObject({ status: 200, body: { email: user.email, pendingEmail: null } })
  }
})

test('a mail server without SMTPUTF8 gets no such mail: it is parked, a few of one address, and sent once it may be', async () => {
  await using mail = await startMailServer()
  mail.takesUtf8 = false
  await using users = await startTestUsers({ SMTP_URL: mail.url })
  const { parked, pool } = users.ctx
  const name = newName()
  const email = `jürgen_${name}@example.com`
  const { user } = await users.register({ email })
  await users.register({ email: `${name}@müller.example` })
  await eventually(async () => expect((await parked.counts())['mail']).toBe(1))
  await eventually(() => expect(mail.mails).toHaveLength(1))
  const [item] = await parked.list({ kind: 'mail', limit: 10 })
  expect(item?.reason).toContain('SMTPUTF8')
  expect((await pool.query('SELECT FROM mailed_tokens WHERE user_id = $1', [user.id])).rows).toEqual([])

  // Repeated requests fill neither the table nor the quota.
  for (let n = 0; n < 25; n += 1) {
    await users.call('POST /v1/auth/password/forgot', { body: { email } })
    users.ctx.mailer.wake()
    await eventually(async () =>
      expect((await pool.query('SELECT FROM mails WHERE parked_at IS NULL')).rows).toEqual([]),
    )
  }
  expect((await parked.counts())['mail']).toBe(6)
  expect(JSON.stringify(logLines())).not.toContain('jürgen')

  mail.takesUtf8 = true
  expect(await parked.retry({ kind: 'mail', id: item?.id ?? '' })).toBe(true)
  users.ctx.mailer.wake()
  const [received] = await mail.mailsTo(email)
  expect(received).toMatchObject({ isUtf8: true, subject: 'Is this your e-mail address?' })
  await users.call('DELETE /v1/users/me', {
    token: (await users.login(user.username)).body.accessToken,
    body: { password: goodPassword },
  })
  expect((await parked.counts())['mail']).toBe(0)
})

test('without a mail server a mail to an address of any script is a file', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'finnigram-mail-'))
  {
    await using users = await startTestUsers({ MAIL_DIR: dir })
    const email = `用户${newName()}@例子.广告`
    await users.register({ email })
    const [name = ''] = await eventually(async () => {
      const names = (await readdir(dir)).filter((one) => one.endsWith('.eml'))
      expect(names).toHaveLength(1)
      return names
    })
    expect(await readFile(join(dir, name), 'utf8')).toContain(`To: ${email}\n`)
  }
  await rm(dir, { recursive: true })
})
