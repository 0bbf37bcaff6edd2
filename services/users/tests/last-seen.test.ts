import { type SignedIn, streamName } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { goodPassword, startTestUsers, type TestUsers } from './start-test-users.ts'

let users: TestUsers
let redis: Redis
beforeAll(async () => {
  users = await startTestUsers()
  redis = new Redis(users.redis.url)
})
afterAll(async () => {
  redis.disconnect()
  await users[Symbol.asyncDispose]()
})

const minutes = (count: number) => new Date(Date.now() + count * 60_000).toISOString()
const depart = ({ user }: SignedIn, at: string) =>
  redis.xadd(
    streamName('realtime', 0),
    '*',
    ...['type', 'user.seen', 'key', user.id, 'payload', JSON.stringify({ userId: user.id, at })],
  )
const lastSeen = async ({ user }: SignedIn): Promise<number> => {
  const { rows } = await users.ctx.pool.query('SELECT last_seen_at AS at FROM users WHERE id = $1', [user.id])
  return rows[0].at.getTime()
}
/** Somebody who was seen yesterday. */
async function newcomer() {
  const person = await users.register()
  await users.ctx.lastSeen.flush()
  await users.ctx.pool.query(`UPDATE users SET last_seen_at = now() - interval '1 day' WHERE id = $1`, [
    person.user.id,
  ])
  return person
}
/** Whatever was published before has been handled once this person was seen. */
async function settle() {
  const marker = await newcomer()
  await depart(marker, minutes(-1))
  await eventually(async () => expect(await lastSeen(marker)).toBeGreaterThan(Date.now() - 120_000))
}

test('the latest departure is the last-seen time, in any order and however often it is delivered', async () => {
  const person = await newcomer()
  const [earlier, later] = [minutes(-20), minutes(-10)]
  for (const at of [earlier, later, earlier, later]) await depart(person, at)
  await settle()
  expect(await lastSeen(person)).toBe(Date.parse(later))
})

test('a clock that is ahead stores no time in the future', async () => {
  const person = await newcomer()
  await depart(person, minutes(60))
  await settle()
  expect(await lastSeen(person)).toBeLessThanOrEqual(Date.now())
})

test('no last-seen time is stored for a deleted account', async () => {
  const person = await newcomer()
  await users.call('DELETE /v1/users/me', { token: person.accessToken, body: { password: goodPassword } })
  const before = await lastSeen(person)
  await new Promise((resolve) => setTimeout(resolve, 10))
  await depart(person, new Date().toISOString())
  await settle()
  expect(await lastSeen(person)).toBe(before)
})
