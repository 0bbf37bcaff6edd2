import { createECDH, randomBytes } from 'node:crypto'
import type { Problem, SignedIn } from '@finnigram/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { goodPassword, startTestUsers, type TestUsers } from './start-test-users.ts'

let users: TestUsers
beforeAll(async () => {
  users = await startTestUsers()
})
afterAll(() => users[Symbol.asyncDispose]())

const put = ({ accessToken: token }: Pick<SignedIn, 'accessToken'>, id: string, body: unknown) =>
  users.call<Problem>(`PUT /v1/users/me/devices/${id}`, { token, body })
const expo = (token = `ExponentPushToken[${randomBytes(11).toString('hex')}]`) => ({
  kind: 'expo',
  token,
  name: 'Phone',
})
const subscription = (endpoint = `https://push.example.com/${randomBytes(8).toString('hex')}`) => ({
  endpoint,
  keys: {
    p256dh: createECDH('prime256v1').generateKeys('base64url'),
    auth: randomBytes(16).toString('base64url'),
  },
})
const webpush = (endpoint?: string) => ({
  kind: 'webpush',
  subscription: subscription(endpoint),
  name: 'Browser',
})
const devices = async ({ user }: SignedIn) => {
  const { rows } = await users.ctx.pool.query<{ id: string; session: string; name: string; target: unknown }>(
    'SELECT id, session_id AS session, name, target FROM devices WHERE user_id = $1 ORDER BY id',
    [user.id],
  )
  return rows
}

test.each(['PUT', 'DELETE'])('%s /v1/users/me/devices/x requires sign-in', async (method) => {
  expect(await users.call(`${method} /v1/users/me/devices/x`)).toMatchObject({
    status: 401,
    body: { code: 'unauthenticated' },
  })
})

test('a device is stored with its target, replaced by another put, and deleted', async () => {
  const ada = await users.register()
  expect((await put(ada, 'phone', expo())).status).toBe(204)
  const second = webpush()
  expect((await put(ada, 'phone', { ...second, name: 'Laptop', extra: 1 })).status).toBe(204)
  expect(await devices(ada)).toEqual([
    expect.objectContaining({ id: 'phone', name: 'Laptop', target: { subscription: second.subscription } }),
  ])
  for (const _ of [1, 2]) {
    const gone = await users.call('DELETE /v1/users/me/devices/phone', { token: ada.accessToken })
    expect(gone.status).toBe(204)
  }
  expect(await devices(ada)).toEqual([])
})

test('a device is deleted with the session that registered it last', async () => {
  const ada = await users.register()
  const other = (await users.login(ada.user.username)).body
  await put(ada, 'phone', expo())
  await put(other, 'tablet', expo())
  await put(other, 'phone', expo())
  expect((await devices(ada)).map(({ id }) => id)).toEqual(['phone', 'tablet'])

  await users.call('POST /v1/auth/logout', { token: other.accessToken })
  expect(await devices(ada)).toEqual([])
})

test('a physical device belongs to the user who registered it last', async () => {
  const [ada, bob] = [await users.register(), await users.register()]
  const [phone, browser] = [expo(), webpush()]
  await put(ada, 'phone', phone)
  await put(ada, 'browser', browser)
  await put(ada, 'tablet', expo())
  await put(bob, 'phone', phone)
  await put(bob, 'b', { ...webpush(), subscription: { ...subscription(browser.subscription.endpoint) } })

  expect((await devices(ada)).map(({ id }) => id)).toEqual(['tablet'])
  expect((await devices(bob)).map(({ id }) => id)).toEqual(['b', 'phone'])
})

test('a device that several register at once belongs to one of them', async () => {
  const people = await Promise.all(Array.from({ length: 6 }, () => users.register()))
  const phone = expo()
  const replies = await Promise.all(people.flatMap((one) => [put(one, 'a', phone), put(one, 'b', phone)]))
  expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([204]))
  expect((await Promise.all(people.map(devices))).flat()).toHaveLength(1)
})

test('a user has at most fifty devices', async () => {
  const ada = await users.register()
  await put(ada, 'd0', expo())
  await users.ctx.pool.query(
    `INSERT INTO devices (user_id, id, session_id, kind, name, target, target_key)
SELECT user_id, 'd' || n, session_id, kind, name, target, gen_random_uuid()::text::bytea
FROM devices, generate_series(1, 49) n WHERE user_id = $1`,
    [ada.user.id],
  )
  expect(await put(ada, 'one-more', expo())).toMatchObject({ status: 409, body: { code: 'conflict' } })
  expect((await put(ada, 'd7', expo())).status).toBe(204)
  await users.call('DELETE /v1/users/me/devices/d7', { token: ada.accessToken })
  expect((await put(ada, 'one-more', expo())).status).toBe(204)
})

test.each([
  'http://push.example.com/x',
  'https://localhost/x',
  'https://127.0.0.1:6379/',
  'https://2130706433/',
  'https://[::1]/',
  'https://[::ffff:10.0.0.1]/',
  'https://169.254.169.254/latest/meta-data',
  'https://redis:6379/',
  'https://metadata.google.internal/',
  'https://user:secret@push.example.com/',
])('%s is no push service', async (endpoint) => {
  const ada = await users.register()
  expect(await put(ada, 'browser', webpush(endpoint))).toMatchObject({
    status: 400,
    body: { code: 'validation_failed', errors: [{ path: 'body.subscription.endpoint' }] },
  })
  expect(await devices(ada)).toEqual([])
})

test('every mistake of a subscription is named at once', async () => {
  const ada = await users.register()
  const { body } = await put(ada, 'browser', {
    kind: 'webpush',
    name: 'Browser',
    subscription: { endpoint: 'https://10.0.0.1/', keys: { p256dh: 'AAAA', auth: 'AAAA' } },
  })
  expect(body.errors?.map(({ path }) => path)).toEqual([
    'body.subscription.endpoint',
    'body.subscription.keys.p256dh',
    'body.subscription.keys.auth',
  ])
})

test('a key that is no point of the curve is refused: nothing could be encrypted for it', async () => {
  const ada = await users.register()
  const p256dh = Buffer.concat([Buffer.from([4]), Buffer.alloc(64, 7)]).toString('base64url')
  const wrong = {
    ...webpush(),
    subscription: { ...subscription(), keys: { ...subscription().keys, p256dh } },
  }
  expect(await put(ada, 'browser', wrong)).toMatchObject({
    status: 400,
    body: { code: 'validation_failed', errors: [{ path: 'body.subscription.keys.p256dh' }] },
  })
})

test.each([
  ['another kind', 'phone', { kind: 'pager', token: 'x', name: 'Pager' }],
  ['no token', 'phone', { kind: 'expo', name: 'Phone' }],
  ['no name', 'phone', { kind: 'expo', token: 'x' }],
  ['a token of another kind', 'phone', { kind: 'expo', token: 'x', name: 'Phone' }],
  ['a token with more after it', 'phone', { ...expo(), token: 'ExponentPushToken[x] ExponentPushToken[y]' }],
  ['an empty token', 'phone', { ...expo(), token: 'ExponentPushToken[]' }],
  ['an endless token', 'phone', { kind: 'expo', token: 'x'.repeat(513), name: 'Phone' }],
  ['an id with other signs', 'a%20b', expo()],
  ['an endless id', 'x'.repeat(65), expo()],
])('%s is refused', async (_what, id, body) => {
  const ada = await users.register()
  expect(await put(ada, id, body)).toMatchObject({ status: 400, body: { code: 'validation_failed' } })
})

test.each(['ExponentPushToken[a-Z_9]', 'ExpoPushToken[x]', 'f5d0ab3c-1f0e-4a11-9d0e-0a1b2c3d4e5f'])(
  '%s is a token of Expo',
  async (token) => {
    expect((await put(await users.register(), 'phone', expo(token))).status).toBe(204)
  },
)

test('a session that has ended registers no device', async () => {
  const ada = await users.register()
  const other = (await users.login(ada.user.username, goodPassword)).body
  await users.ctx.pool.query(
    'DELETE FROM sessions WHERE user_id = $1 AND id <> (SELECT max(id::text)::uuid FROM sessions WHERE user_id = $1)',
    [ada.user.id],
  )
  expect((await put(other, 'phone', expo())).status).toBe(204)
  expect((await put(ada, 'phone', expo())).status).toBe(401)
})

test('where private addresses are allowed, they are taken', async () => {
  await using own = await startTestUsers({ PUSH_ALLOW_PRIVATE: 'true' })
  const { accessToken: token } = await own.register()
  const reply = await own.call('PUT /v1/users/me/devices/x', {
    token,
    body: webpush('http://127.0.0.1:9999/push'),
  })
  expect(reply.status).toBe(204)
})
