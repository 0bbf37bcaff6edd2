import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createDatabase, eventually, freePort, startRedis } from '@finnigram/testing'
import { expect, test } from 'vitest'
import { startMailServer } from './start-mail-server.ts'
import {
  caller,
  goodPassword,
  internalToken,
  newName,
  secretsKey,
  startTestUsers,
} from './start-test-users.ts'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

test('a mail whose process was killed while sending is sent by the next process', async () => {
  await using mail = await startMailServer()
  await using redis = await startRedis()
  const databaseUrl = await createDatabase()
  const port = String(await freePort())
  const child = spawn(process.execPath, [main], {
    stdio: 'ignore',
    env: {
      PATH: process.env['PATH'],
      FINNIGRAM_PARENT_PID: String(process.pid),
      PORT: port,
      DATABASE_URL: databaseUrl,
      REDIS_URL: redis.url,
      MESSAGES_URL: 'http://127.0.0.1:9',
      INTERNAL_TOKEN: internalToken,
      SECRETS_KEY: secretsKey,
      SMTP_URL: mail.url,
    },
  })
  const email = `${newName()}@example.org`
  try {
    const call = caller(`http://127.0.0.1:${port}`)
    const isReady = async () => expect((await call('GET /health/ready')).status).toBe(200)
    await eventually(isReady, { within: 25_000, every: 100 })
    const held = mail.hold()
    const body = { username: newName(), displayName: 'Anna', password: goodPassword, email }
    expect((await call('POST /v1/auth/register', { body })).status).toBe(201)
    await held
  } finally {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  expect(mail.mails).toEqual([])

  await using users = await startTestUsers({ DATABASE_URL: databaseUrl, SMTP_URL: mail.url })
  await users.ctx.pool.query('UPDATE mails SET due_at = now()')
  users.ctx.mailer.wake()
  const [received] = await mail.mailsTo(email)
  const verify = { body: { token: received?.token } }
  expect((await users.call('POST /v1/auth/email/verify', verify)).status).toBe(204)
}, 60_000)
