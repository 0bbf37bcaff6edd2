import { createECDH, randomBytes } from 'node:crypto'
import { newId, type PushDevice, type SignedIn, type UserEventData } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readUserEvents } from './read-user-events.ts'
import { internalToken, startTestUsers, type TestUsers } from './start-test-users.ts'

let users: TestUsers
beforeAll(async () => {
  users = await startTestUsers()
})
afterAll(() => users[Symbol.asyncDispose]())

const headers = { 'x-internal-token': internalToken }
const expoToken = () => `ExponentPushToken[${randomBytes(11).toString('hex')}]`
const put = ({ accessToken: token }: SignedIn, id: string, target = expoToken()) =>
  users.call(`PUT /v1/users/me/devices/${id}`, {
    token,
    body: { kind: 'expo', token: target, name: 'Phone' },
  })
const prefer = ({ accessToken: token }: SignedIn, notifications: object) =>
  users.call('PATCH /v1/users/me', { token, body: { preferences: { notifications } } })
const list = async (...people: SignedIn[]) => {
  const body = { userIds: people.map(({ user }) => user.id) }
  const reply = await users.call<{ items: PushDevice[] }>('POST /internal/push/devices', { headers, body })
  return reply.body.items
}
const forget = (targetKeys: string[]) =>
  users.call('POST /internal/push/devices/forget', { headers, body: { targetKeys } })
const isReachable = async ({ user }: SignedIn) => {
  const found = await users.ctx.prisma.user.findUniqueOrThrow({ where: { id: user.id } })
  return found.reachable
}
/** The reachability of a user in the events so far, once `count` of them are in the stream. */
const emitted = async ({ user }: SignedIn, count: number) =>
  eventually(async () => {
    const events = await readUserEvents(users)
    const own = events.filter(({ key, type }) => key === user.id && type === 'user.updated')
    expect(own).toHaveLength(count)
    return own.map(({ payload }) => (payload as UserEventData['user.updated']).reachable)
  })

test.each([
  'POST /internal/push/devices',
  'POST /internal/push/devices/forget',
  `GET /internal/people/${newId()}/devices/phone`,
  'GET /internal/push/keys',
])('%s is for the other services alone', async (request) => {
  const { accessToken: token } = await users.register()
  for (const guess of ['', 'guessed', token]) {
    const body = request.startsWith('POST') ? { body: {} } : {}
    expect(
      await users.call(request, { token, headers: { 'x-internal-token': guess }, ...body }),
    ).toMatchObject({
      status: 401,
      body: { code: 'unauthenticated' },
    })
  }
})

test('an event says when a user becomes reachable, and when no longer', async () => {
  const ada = await users.register()
  await put(ada, 'phone')
  await put(ada, 'tablet')
  expect(await emitted(ada, 1)).toEqual([true])
  await users.call('DELETE /v1/users/me/devices/phone', { token: ada.accessToken })
  expect(await list(ada)).toMatchObject([{ deviceId: 'tablet' }])
  await users.call('DELETE /v1/users/me/devices/tablet', { token: ada.accessToken })
  expect(await list(ada)).toEqual([])
  expect(await list(ada)).toEqual([])
  expect(await emitted(ada, 2)).toEqual([true, false])
  await put(ada, 'phone')
  expect(await emitted(ada, 3)).toEqual([true, false, true])
  const snapshot = await users.call<{ items: UserEventData['user.updated'][] }>(
    'GET /internal/users/snapshot',
    { headers },
  )
  expect(snapshot.body.items.find(({ user }) => user.id === ada.user.id)).toMatchObject({ reachable: true })
})

test('a device registered while its owner is marked unreachable is not missed', async () => {
  const people = await Promise.all(Array.from({ length: 8 }, () => users.register()))
  await users.ctx.prisma.user.updateMany({ data: { reachable: true } })
  await Promise.all(people.flatMap((one) => [list(...people), put(one, 'phone'), list(one)]))
  expect(await Promise.all(people.map(isReachable))).toEqual(people.map(() => true))
  expect(await list(...people)).toHaveLength(8)
})

test('an account deleted while a device is registered leaves none behind', async () => {
  const people = await Promise.all(Array.from({ length: 6 }, () => users.register()))
  await Promise.all(
    people.flatMap((one) => [
      put(one, 'phone'),
      users
        .call('DELETE /v1/users/me', { token: one.accessToken, body: { password: 'correct horse battery' } })
        .then(({ status }) => expect(status).toBe(204)),
      put(one, 'tablet'),
    ]),
  )
  expect(await list(...people)).toEqual([])
  expect(await Promise.all(people.map(isReachable))).toEqual(people.map(() => false))
})

test('a device comes with its session, its target, and what its owner wants', async () => {
  const ada = await users.register()
  const target = expoToken()
  await put(ada, 'phone', target)
  const quietHours = { from: '22:30', to: '07:00', timeZone: 'Europe/Berlin' }
  await prefer(ada, { preview: false, sound: false, quietHours })
  const { sid } = JSON.parse(Buffer.from(ada.accessToken.split('.')[1] ?? '', 'base64url').toString())
  const device = {
    userId: ada.user.id,
    deviceId: 'phone',
    sessionId: sid,
    targetKey: expect.any(String),
    target: { kind: 'expo', token: target },
    preview: false,
    sound: false,
    quietHours,
  }
  expect(await list(ada)).toEqual([device])
  const path = `GET /internal/people/${ada.user.id}/devices/phone`
  expect((await users.call(path, { headers })).body).toEqual({ ...device, isWanted: true })

  await prefer(ada, { push: false })
  expect(await list(ada)).toEqual([])
  expect(await isReachable(ada)).toBe(true)
  expect((await users.call(path, { headers })).body).toEqual({ ...device, isWanted: false })
})

test('a subscription of a browser comes as the browser gave it', async () => {
  const ada = await users.register()
  const subscription = {
    endpoint: 'https://push.example.com/x',
    expirationTime: null,
    keys: {
      p256dh: createECDH('prime256v1').generateKeys('base64url'),
      auth: randomBytes(16).toString('base64url'),
    },
  }
  const body = { kind: 'webpush', subscription, name: 'Browser' }
  await users.call('PUT /v1/users/me/devices/browser', { token: ada.accessToken, body })
  expect(await list(ada)).toMatchObject([{ target: { kind: 'webpush', subscription } }])
})

test('a device of another user, or of an ended session, is not found', async () => {
  const [ada, bob] = [await users.register(), await users.register()]
  await put(ada, 'phone')
  const find = ({ user }: SignedIn, id: string) =>
    users.call(`GET /internal/people/${user.id}/devices/${id}`, { headers })
  for (const reply of [await find(bob, 'phone'), await find(ada, 'tablet')])
    expect(reply).toMatchObject({ status: 404, body: { code: 'not_found' } })

  await users.ctx.pool.query('UPDATE sessions SET expires_at = now() WHERE user_id = $1', [ada.user.id])
  expect((await find(ada, 'phone')).status).toBe(404)
  expect(await list(ada)).toEqual([])
})

test('a device that its push service no longer knows is deleted, unless it was registered again', async () => {
  const [ada, bob] = [await users.register(), await users.register()]
  const target = expoToken()
  await put(ada, 'phone', target)
  await put(ada, 'tablet')
  await put(bob, 'phone')
  const before = await list(ada, bob)
  const keys = before.map(({ targetKey }) => targetKey)
  expect(new Set(keys).size).toBe(3)

  await users.ctx.pool.query(
    "UPDATE devices SET updated_at = now() - interval '1 hour' WHERE target_key = $1",
    [Buffer.from(String(keys[0]).split('.')[0] ?? '', 'base64url')],
  )
  const [old] = await list(ada)
  await put(ada, 'phone', target)
  const reply = await forget([String(old?.targetKey), String(keys[1]), 'nonsense', `${'A'.repeat(43)}.1`])
  expect(reply.status).toBe(204)
  expect(await list(ada, bob)).toMatchObject([
    { deviceId: 'phone', target: { kind: 'expo', token: target } },
    { userId: bob.user.id, deviceId: 'phone' },
  ])
})

test.each([
  ['devices', { userIds: [] }, 'body.userIds'],
  ['devices', { userIds: Array.from({ length: 1001 }, newId) }, 'body.userIds'],
  ['devices/forget', { targetKeys: [] }, 'body.targetKeys'],
])('POST /internal/push/%s has bounds', async (path, body, field) => {
  expect(await users.call(`POST /internal/push/${path}`, { headers, body })).toMatchObject({
    status: 400,
    body: { code: 'validation_failed', errors: [{ path: field }] },
  })
})
