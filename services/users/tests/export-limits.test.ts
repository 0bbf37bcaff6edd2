import type { SignedIn } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { askForExport, beginExport, exportPath, manyPages } from './export-calls.ts'
import { type FakeMessages, startFakeMessages } from './start-fake-messages.ts'
import { startTestUsers, type TestUsers } from './start-test-users.ts'

let users: TestUsers
let fakeMessages: FakeMessages
beforeAll(async () => {
  fakeMessages = await startFakeMessages()
  users = await startTestUsers({ MESSAGES_URL: fakeMessages.url })
})
afterAll(async () => {
  await users[Symbol.asyncDispose]()
  await fakeMessages[Symbol.asyncDispose]()
})

const path = exportPath
const ask = (person: SignedIn) => askForExport(users, person)
const begin = (person: SignedIn) => beginExport(users, person)

test('a second export of a user is refused while the first runs', async () => {
  const ada = await users.register()
  fakeMessages.page = manyPages(100)
  const first = await begin(ada)
  expect(await users.call(`GET ${path}`, { token: ada.accessToken })).toMatchObject({
    status: 429,
    body: { code: 'rate_limited' },
  })
  const bob = await users.register()
  fakeMessages.page = () => ({ items: [], nextAfter: null })
  expect((await ask(bob)).status).toBe(200)

  first.destroy()
  await eventually(async () => expect((await ask(ada)).status).toBe(200))
})

test('a HEAD request, or a process that died while sending, blocks no further export', async () => {
  const ada = await users.register()
  fakeMessages.page = () => ({ items: [], nextAfter: null })
  const headers = { authorization: `Bearer ${ada.accessToken}` }
  expect((await fetch(users.url + path, { method: 'HEAD', headers })).status).toBe(200)
  await eventually(async () => expect((await ask(ada)).status).toBe(200))

  await eventually(async () => {
    const { rows } = await users.ctx.pool.query('SELECT FROM exports')
    expect(rows).toEqual([])
  })
  const lease = (until: string) =>
    users.ctx.pool.query(
      `INSERT INTO exports VALUES ($1, now() + $2::interval)
ON CONFLICT (user_id) DO UPDATE SET leased_until = excluded.leased_until`,
      [ada.user.id, until],
    )
  await lease('30 seconds')
  expect((await ask(ada)).status).toBe(429)
  await lease('-1 second')
  expect((await ask(ada)).status).toBe(200)
})

test('concurrent exports are bounded, so that others can sign in', async () => {
  const people = await Promise.all(Array.from({ length: 5 }, () => users.register()))
  const [last, ...first] = people
  fakeMessages.page = manyPages(1000)
  const answers = await Promise.all(first.map(begin))
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 200])
  if (!last) throw new Error('Nobody is left')
  const refused = await ask(last)
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '30'])

  for (const answer of answers) answer.destroy()
  fakeMessages.page = () => ({ items: [], nextAfter: null })
  await eventually(async () => expect((await ask(last)).status).toBe(200))
})

test('exports per day are limited', async () => {
  await using few = await startTestUsers({ MESSAGES_URL: fakeMessages.url, RATE_LIMIT_SCALE: '1' })
  fakeMessages.page = () => ({ items: [], nextAfter: null })
  const { accessToken } = await few.register()
  const statuses: number[] = []
  for (let n = 0; n < 11; n += 1) {
    const headers = { authorization: `Bearer ${accessToken}` }
    const response = await fetch(few.url + path, { method: 'HEAD', headers })
    statuses.push(response.status)
    await few.ctx.pool.query('DELETE FROM exports')
  }
  expect(statuses).toEqual([...Array(10).fill(200), 429])
})

test('a failed export does not count towards the ten of a day', async () => {
  await using own = await startTestUsers({ MESSAGES_URL: fakeMessages.url, RATE_LIMIT_SCALE: '1' })
  const { accessToken: token } = await own.register()
  const tryOnce = async () => {
    const response = await fetch(own.url + path, { headers: { authorization: `Bearer ${token}` } })
    await response.arrayBuffer()
    // The answer may be read before the lease of its export is given back.
    await own.ctx.pool.query('DELETE FROM exports')
    return response.status
  }
  const { page } = fakeMessages
  fakeMessages.page = () => undefined
  const failed = []
  for (let round = 0; round < 11; round += 1) failed.push(await tryOnce())
  fakeMessages.page = page
  expect(new Set(failed)).toEqual(new Set([503]))
  expect(await tryOnce()).toBe(200)

  const further = []
  for (let round = 0; round < 10; round += 1) further.push(await tryOnce())
  expect(further.at(-1)).toBe(429)
})
