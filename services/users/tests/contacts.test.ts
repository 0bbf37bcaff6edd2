import type { PublicUser, RouteReply, SignedIn, usersApi } from '@finnigram/contracts'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type FakeMessages, startFakeMessages } from './start-fake-messages.ts'
import { internalToken, startTestUsers, type TestUsers } from './start-test-users.ts'

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

let shy: SignedIn
let friend: SignedIn
let stranger: SignedIn
beforeEach(async () => {
  const people = [await users.register(), await users.register(), await users.register()]
  ;[shy, friend, stranger] = people as [SignedIn, SignedIn, SignedIn]
  await users.call('PATCH /v1/users/me', {
    token: shy.accessToken,
    body: { preferences: { lastSeen: 'contacts' } },
  })
  fakeMessages.contactLookups = []
  fakeMessages.contacts = ({ userId, of }) => (userId === friend.user.id ? of : [])
})

/** When `shy` was last seen, by id, in the search, in a look-up, and as realtime asks it. */
async function seenBy({ accessToken: token, user }: SignedIn): Promise<unknown[]> {
  const { id, username } = shy.user
  const one = await users.call<PublicUser>(`GET /v1/users/${id}`, { token })
  const found = await users.call<{ items: PublicUser[] }>(`GET /v1/users?query=${username}`, { token })
  const looked = await users.call<{ items: PublicUser[] }>('POST /v1/users/lookup', {
    token,
    body: { ids: [id] },
  })
  const presence = await users.call<RouteReply<typeof usersApi.lookupPresence>>(
    'POST /internal/presence/lookup',
    { headers: { 'x-internal-token': internalToken }, body: { userId: user.id, of: [id] } },
  )
  for (const { hidesLastSeen, lastSeenAt } of presence.body.items)
    expect(hidesLastSeen).toBe(lastSeenAt === null)
  const all = [one.body, ...found.body.items, ...looked.body.items, ...presence.body.items]
  return all.map(({ lastSeenAt }) => lastSeenAt)
}
const some = expect.any(String)

test('a last-seen time shown to contacts is visible to them and to nobody else', async () => {
  expect(await seenBy(friend)).toEqual([some, some, some, some])
  expect(await seenBy(stranger)).toEqual([null, null, null, null])
})

test('the messages service is asked only about users who show it to contacts, and answers are cached', async () => {
  await seenBy(friend)
  expect(fakeMessages.contactLookups).toEqual([{ userId: friend.user.id, of: [shy.user.id] }])
  await users.call(`GET /v1/users/${stranger.user.id}`, { token: friend.accessToken })
  await users.call('PATCH /v1/users/me', {
    token: shy.accessToken,
    body: { preferences: { lastSeen: 'nobody' } },
  })
  expect(await seenBy(friend)).toEqual([null, null, null, null])
  expect(fakeMessages.contactLookups).toHaveLength(1)
})

test('while the messages service is away it is visible to nobody, and not every reply waits for it', async () => {
  fakeMessages.contacts = () => undefined
  expect(await seenBy(friend)).toEqual([null, null, null, null])
  expect(fakeMessages.contactLookups.length).toBeLessThan(4)
})
