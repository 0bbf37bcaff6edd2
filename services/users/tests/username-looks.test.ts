import type { Me, Problem } from '@finnigram/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { goodPassword, newName, startTestUsers, type TestUsers } from './start-test-users.ts'

let users: TestUsers
beforeAll(async () => {
  users = await startTestUsers()
})
afterAll(() => users[Symbol.asyncDispose]())

const attempt = (username: string) =>
  users.call<Problem>('POST /v1/auth/register', {
    body: { username, displayName: 'Anna', password: goodPassword },
  })
const rename = (token: string, username: string) =>
  users.call<Me & Problem>('PATCH /v1/users/me', { token, body: { username } })
const taken = { status: 409, body: { code: 'username_taken' } }

test.each([
  ['paul_morris', 'pau1_morris'],
  ['paul_morris2', 'paul_rnorris2'],
  ['bob.smith', 'b0b_smith'],
  ['wanda', 'vvanda'],
])('who looks like %s is refused', async (username, twin) => {
  const { accessToken } = await users.register({ username })
  expect(await attempt(twin)).toMatchObject(taken)
  const other = await users.register()
  expect(await rename(other.accessToken, twin)).toMatchObject(taken)
  expect((await rename(accessToken, twin)).status).toBe(200)
  expect(await attempt(username)).toMatchObject(taken)
})

test('of two look-alikes at the same moment one is made', async () => {
  const name = newName('race')
  const replies = await Promise.all([attempt(`${name}.o`), attempt(`${name}_0`)])
  expect(replies.map(({ status }) => status).sort()).toEqual([201, 409])
})

test('a user whose name is older than the rule keeps it, and may change the rest of the profile', async () => {
  const { user, accessToken } = await users.register({ username: newName('olga') })
  await users.ctx.pool.query('UPDATE users SET username_looks = NULL WHERE id = $1', [user.id])
  await users.register({ username: user.username.replace('olga', '0lga') })
  const body = { bio: 'still here', username: user.username }
  expect((await users.call('PATCH /v1/users/me', { token: accessToken, body })).status).toBe(200)
})

test('a former username reserves its look-alikes, and a deleted account frees all of them', async () => {
  const [first, second] = ['looking.free', 'looking.gone']
  const { accessToken: token } = await users.register({ username: first })
  expect((await rename(token, second)).status).toBe(200)
  expect(await attempt('1ooking_free')).toMatchObject(taken)
  expect(await attempt('1ooking_gone')).toMatchObject(taken)
  const body = { password: goodPassword }
  expect((await users.call('DELETE /v1/users/me', { token, body })).status).toBe(204)
  expect((await attempt('1ooking_gone')).status).toBe(201)
  expect((await attempt('1ooking_free')).status).toBe(201)
})
