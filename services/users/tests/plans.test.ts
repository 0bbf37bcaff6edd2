import { type Me, newId, type PushDevice, type SignedIn } from '@finnigram/contracts'
import type { Route } from '@finnigram/service-kit'
import { explainQueries } from '@finnigram/testing'
import { Secret, TOTP } from 'otpauth'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { purgeAuditLog } from '../src/audit/audit-log.ts'
import { purgeEndedSessions, purgeExpiredSessions } from '../src/auth/ended-sessions.ts'
import { claimMails } from '../src/mail/mail-queue.ts'
import { purgeTokens } from '../src/mail/mailed-token.ts'
import { routes } from '../src/routes.ts'
import { drawPng } from './draw-images.ts'
import { fillDatabase } from './fill-database.ts'
import { type FakeMessages, startFakeMessages } from './start-fake-messages.ts'
import { type MailServer, startMailServer } from './start-mail-server.ts'
import { goodPassword, internalToken, newName, startTestUsers, type TestUsers } from './start-test-users.ts'

/** Tables that do not grow with the number of users. */
const staysSmall = ['signing_keys', 'push_keys', 'outbox', 'outbox_sent', 'parked', '_prisma_migrations']

let users: TestUsers
let mail: MailServer
let fakeMessages: FakeMessages
/** The calls that were answered, as `GET /v1/users/me`. */
const answered = new Set<string>()

beforeAll(async () => {
  mail = await startMailServer()
  fakeMessages = await startFakeMessages()
  users = await startTestUsers({ SMTP_URL: mail.url, MESSAGES_URL: fakeMessages.url })
  await fillDatabase(users.ctx.pool)
}, 120_000)
afterAll(async () => {
  await users[Symbol.asyncDispose]()
  await fakeMessages[Symbol.asyncDispose]()
  await mail[Symbol.asyncDispose]()
})

const nameOf = ({ contract: { method, path } }: Route) => `${method} ${path}`

/** Calls a route and records it. Fails if it is refused, because its statements would not run. */
async function call<T = unknown>(request: string, token?: string, body?: unknown): Promise<T> {
  const [method = '', path = ''] = request.split(' ')
  const isPicture = body instanceof Uint8Array
  const response = await fetch(users.url + path, {
    method,
    headers: {
      'x-internal-token': internalToken,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': isPicture ? 'image/png' : 'application/json' }),
    },
    ...(body === undefined ? {} : { body: isPicture ? new Uint8Array(body) : JSON.stringify(body) }),
  })
  const bytes = Buffer.from(await response.arrayBuffer())
  if (!response.ok) throw new Error(`${request} answered ${response.status}: ${bytes}`)
  const route = routes(users.ctx).find(({ contract }) => {
    const pattern = contract.path.replace(/\./g, '\\.').replace(/:\w+/g, '[^/]+')
    return contract.method === method && new RegExp(`^${pattern}$`).test(path.split('?', 1)[0] ?? '')
  })
  if (route) answered.add(nameOf(route))
  const isJson = response.headers.get('content-type')?.startsWith('application/json') && bytes.length > 0
  return (isJson ? JSON.parse(bytes.toString()) : undefined) as T
}

async function callSignInRoutes(): Promise<void> {
  const email = `${newName()}@example.org`
  const username = newName()
  const account = { username, displayName: 'Ada', password: goodPassword, email }
  const { accessToken: token, refreshToken } = await call<SignedIn>(
    'POST /v1/auth/register',
    undefined,
    account,
  )
  const [first] = await mail.mailsTo(email)
  await call('POST /v1/auth/email/resend', token)
  const [, second] = await mail.mailsTo(email, 2)
  await call('POST /v1/auth/email/verify', undefined, { token: second?.token ?? first?.token })
  await call('POST /v1/auth/refresh', undefined, { refreshToken })
  for (const identifier of [username, email]) {
    await call('POST /v1/auth/login', undefined, { identifier, password: goodPassword })
  }
  const { items } = await call<{ items: { id: string; current: boolean }[] }>('GET /v1/auth/sessions', token)
  await call(`DELETE /v1/auth/sessions/${items.find(({ current }) => !current)?.id}`, token)
  await call('DELETE /v1/auth/sessions', token)
  await call('POST /v1/auth/password', token, {
    currentPassword: goodPassword,
    newPassword: `${goodPassword}!`,
  })
  const { secret } = await call<{ secret: string }>('POST /v1/auth/totp', token, {
    password: `${goodPassword}!`,
  })
  const { recoveryCodes } = await call<{ recoveryCodes: string[] }>('POST /v1/auth/totp/confirm', token, {
    code: new TOTP({ secret: Secret.fromBase32(secret) }).generate(),
  })
  await call('DELETE /v1/auth/totp', token, { password: `${goodPassword}!`, totp: recoveryCodes[0] })
  await call('POST /v1/auth/password/forgot', undefined, { email })
  const received = await mail.mailsTo(email, 6)
  const reset = received.find(({ source }) => source.includes('/reset-password'))
  await call('POST /v1/auth/password/reset', undefined, { token: reset?.token, newPassword: goodPassword })
  const again = { identifier: username, password: goodPassword }
  const { accessToken } = await call<SignedIn>('POST /v1/auth/login', undefined, again)
  await call('GET /v1/auth/activity?limit=5', accessToken)
  await call('POST /v1/auth/logout', accessToken)
  await call('GET /.well-known/jwks.json')
}

async function callPeopleRoutes(): Promise<void> {
  const ada = await users.register({ email: `${newName()}@example.org` })
  const bob = await users.register()
  const token = ada.accessToken
  await call('GET /v1/users/me', token)
  const change = {
    displayName: 'Ada L',
    username: newName('ada'),
    email: `${newName()}@example.org`,
    password: goodPassword,
  }
  await call('PATCH /v1/users/me', token, { ...change, preferences: { lastSeen: 'nobody' } })
  const { avatarUrl } = await call<Me>('PUT /v1/users/me/avatar', token, drawPng({ width: 9, height: 9 }))
  await call(`GET ${avatarUrl}`, token)
  const phone = { kind: 'expo', token: `ExponentPushToken[${newName()}]`, name: 'Phone' }
  await call('PUT /v1/users/me/devices/phone', token, phone)
  await call(`PUT /v1/users/me/blocks/${bob.user.id}`, token)
  await call('GET /v1/users/me/blocks?limit=1', token)
  for (const query of ['filler123', 'filler12', 'fillre123', 'w77', 'w7 fil', 'nobody at all']) {
    await call(`GET /v1/users?query=${encodeURIComponent(query)}`, token)
  }
  await call(`GET /v1/users/${ada.user.id}`, token)
  await call('POST /v1/users/lookup', token, { ids: [ada.user.id, bob.user.id] })
  await call('POST /v1/auth/reauthenticate', token, { password: goodPassword })
  await call('GET /v1/users/me/export', token)
  await call(`DELETE /v1/users/me/blocks/${bob.user.id}`, token)
  await call(`PUT /v1/users/me/blocks/${bob.user.id}`, token)
  await callPushRoutes(ada, bob)
  await call('DELETE /v1/users/me/devices/phone', token)
  await call('DELETE /v1/users/me/avatar', token)
  await call('GET /internal/users/snapshot?limit=100')
  await call(`GET /internal/users/snapshot?limit=100&after=${ada.user.id}`)
  await call('GET /internal/blocks/snapshot?limit=100')
  await call(`GET /internal/blocks/snapshot?limit=100&after=${ada.user.id}.${bob.user.id}`)
  await call('GET /internal/sessions/ended')
  await call('POST /internal/presence/lookup', undefined, { userId: ada.user.id, of: [bob.user.id] })
  await users.ctx.lastSeen.flush()
  await call('DELETE /v1/users/me', token, { password: goodPassword })
}

async function callPushRoutes(ada: SignedIn, bob: SignedIn): Promise<void> {
  await call('GET /internal/push/keys')
  await call(`GET /internal/people/${ada.user.id}/devices/phone`)
  await users.ctx.pool.query('UPDATE users SET reachable = true WHERE id = $1', [bob.user.id])
  const userIds = [ada.user.id, bob.user.id, newId()]
  const { items } = await call<{ items: PushDevice[] }>('POST /internal/push/devices', undefined, { userIds })
  const targetKeys = items.map(({ targetKey }) => targetKey)
  await call('POST /internal/push/devices/forget', undefined, { targetKeys })
}

async function callParkedRoutes(): Promise<void> {
  const { pool } = users.ctx
  const parked = { kind: 'mail', id: newId() }
  for (const what of ['retry', 'drop']) {
    await pool.query(
      `INSERT INTO mails (id, job, due_at, parked_at) VALUES ($1, '', now() + interval '1 hour', now())
ON CONFLICT (id) DO UPDATE SET parked_at = now()`,
      [parked.id],
    )
    await call('GET /internal/parked')
    await call(`POST /internal/parked/${what}`, undefined, parked)
  }
}

async function runMaintenance(): Promise<void> {
  await purgeExpiredSessions(users.ctx)
  await purgeEndedSessions(users.ctx.pool)
  await purgeTokens(users.ctx.pool)
  await purgeAuditLog(users.ctx)
  await claimMails(users.ctx.pool, 10)
}

test('no statement of this service reads the whole of a table that grows', async () => {
  const explainer = explainQueries(users.ctx.pool)
  await callSignInRoutes()
  await callPeopleRoutes()
  await callParkedRoutes()
  await runMaintenance()

  expect([...answered].sort()).toEqual(routes(users.ctx).map(nameOf).sort())
  expect(explainer.statements.length).toBeGreaterThan(50)
  expect(await explainer.findFullReads({ except: staysSmall })).toEqual([])
}, 120_000)
