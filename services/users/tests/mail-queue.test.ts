import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newId } from '@finnigram/contracts'
import { createDatabase, eventually, expectLog, logLines } from '@finnigram/service-kit/testing'
import { expect, test } from 'vitest'
import { startUsers } from '../src/service.ts'
import { startMailServer, toMail } from './start-mail-server.ts'
import { newName, startTestUsers, type TestUsers, testConfig } from './start-test-users.ts'

const newAddress = () => `${newName()}@example.org`
const queue = async ({ ctx }: TestUsers) =>
  (await ctx.pool.query<{ tries: number; job: Buffer }>('SELECT tries, job FROM mails')).rows
/** Brings the next try forward. */
async function tryNow({ ctx }: TestUsers): Promise<void> {
  await ctx.pool.query('UPDATE mails SET due_at = now()')
  ctx.mailer.wake()
}

test('without a mail server mails are files for their owner’s eyes, and the log says where', async () => {
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

test('while the mail server is away mails wait, unreadable, and are sent once when it is back', async () => {
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

test('a mail that a dying node had taken is sent by another', async () => {
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

test('an address that the mail server refuses is not tried again; a mail older than a day is given up', async () => {
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

test('a mail that comes to no end is parked with its reason, others are sent, and a retry sends it', async () => {
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
