import type { Me, Problem, UserEventData } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readUserEvents } from './read-user-events.ts'
import { startTestUsers, type TestUsers } from './start-test-users.ts'

let users: TestUsers
beforeAll(async () => {
  users = await startTestUsers()
})
afterAll(() => users[Symbol.asyncDispose]())

const night = { from: '22:30', to: '07:00', timeZone: 'Europe/Berlin' }
const prefer = (token: string | undefined, notifications: object) =>
  users.call<Me & Problem>('PATCH /v1/users/me', { token, body: { preferences: { notifications } } })

test('require sign-in', async () => {
  expect(await prefer(undefined, { quietHours: night })).toMatchObject({
    status: 401,
    body: { code: 'unauthenticated' },
  })
})

test('are none at first, are kept beside the other preferences, and go with null', async () => {
  const { user, accessToken: token } = await users.register()
  expect(user.preferences.notifications.quietHours).toBeNull()
  await prefer(token, { sound: false })
  expect((await prefer(token, { quietHours: night })).body.preferences.notifications).toEqual({
    push: true,
    preview: true,
    sound: false,
    quietHours: night,
  })
  const changed = await prefer(token, { preview: false })
  expect(changed.body.preferences.notifications).toMatchObject({ quietHours: night, preview: false })
  const gone = await prefer(token, { quietHours: null })
  expect(gone.body.preferences.notifications).toMatchObject({ quietHours: null, sound: false })
  const me = await users.call<Me>('GET /v1/users/me', { token })
  expect(me.body.preferences).toEqual(gone.body.preferences)
})

test('are part of what the push service of realtime gets', async () => {
  const { user, accessToken: token } = await users.register()
  await prefer(token, { quietHours: night })
  await eventually(async () => {
    const events = await readUserEvents(users)
    const own = events.filter(({ key, type }) => key === user.id && type === 'user.updated')
    expect(own.map(({ payload }) => (payload as UserEventData['user.updated']).preferences)).toMatchObject([
      { notifications: { quietHours: night } },
    ])
  })
})

test('are null for who chose their preferences before there were any', async () => {
  const { user, accessToken: token } = await users.register()
  await users.ctx.pool.query(
    `UPDATE users SET preferences = '{"theme":"dark","notifications":{"sound":false}}' WHERE id = $1`,
    [user.id],
  )
  const { body } = await users.call<Me>('GET /v1/users/me', { token })
  expect(body.preferences).toMatchObject({ theme: 'dark', notifications: { sound: false, quietHours: null } })
})

test('with every mistake named at once are refused, and nothing is changed', async () => {
  const { accessToken: token } = await users.register()
  await prefer(token, { quietHours: night })
  const { status, body } = await prefer(token, {
    sound: false,
    quietHours: { from: '24:00', to: '7:00', timeZone: 'Berlin' },
  })
  expect([status, body.code]).toEqual([400, 'validation_failed'])
  const path = 'body.preferences.notifications.quietHours'
  expect(body.errors).toEqual([
    { path: `${path}.from`, message: 'Must be a time of day, such as 22:30' },
    { path: `${path}.to`, message: 'Must be a time of day, such as 22:30' },
    { path: `${path}.timeZone`, message: expect.stringContaining('IANA') },
  ])
  const me = await users.call<Me>('GET /v1/users/me', { token })
  expect(me.body.preferences.notifications).toMatchObject({ quietHours: night, sound: true })
})

test.each([
  ['half of them', { from: '22:00' }],
  ['a time of another kind', { ...night, from: 2230 }],
  ['a time with a line after it', { ...night, to: '07:00\n' }],
  ['no zone', { ...night, timeZone: '' }],
  ['an endless zone', { ...night, timeZone: 'x'.repeat(65) }],
  ['a list', [night]],
])('%s are none', async (_what, quietHours) => {
  const { accessToken: token } = await users.register()
  expect(await prefer(token, { quietHours })).toMatchObject({
    status: 400,
    body: { code: 'validation_failed' },
  })
})

test('keep nothing that is not theirs', async () => {
  const { accessToken: token } = await users.register()
  const { body } = await prefer(token, { quietHours: { ...night, days: ['monday'] } })
  expect(body.preferences.notifications.quietHours).toEqual(night)
})
