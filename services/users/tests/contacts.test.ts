import type { PublicUser, RouteReply, SignedIn, usersApi } from '@finnigram/contracts'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Archive, startArchive } from './start-fake-messages.ts'
import { internalToken, startTestUsers, type TestUsers } from './start-test-users.ts'

let users: TestUsers
let archive: Archive
beforeAll(async () => {
  archive = await startArchive()
  users = await startTestUsers({ MESSAGES_URL: archive.url })
})
afterAll(async () => {
  await users[Symbol.asyncDispose]()
  await archive[Symbol.asyncDispose]()
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
  archive.contactsAsked = []
  archive.contacts = ({ userId, of }) => (userId === friend.user.id ? of : [])
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

test('whoever shows it to contacts is seen by them, and by nobody else', async () => {
  expect(await seenBy(friend)).toEqual([some, some, some, some])
  expect(await seenBy(stranger)).toEqual([null, null, null, null])
})

test('the messages service is asked only about people who show it to contacts, and once in a while', async () => {
  await seenBy(friend)
  expect(archive.contactsAsked).toEqual([{ userId: friend.user.id, of: [shy.user.id] }])
  await users.call(`GET /v1/users/${stranger.user.id}`, { token: friend.accessToken })
  await users.call('PATCH /v1/users/me', {
    token: shy.accessToken,
    body: { preferences: { lastSeen: 'nobody' } },
  })
  expect(await seenBy(friend)).toEqual([null, null, null, null])
  expect(archive.contactsAsked).toHaveLength(1)
})

test('while the messages service is away it is shown to nobody, and not every answer waits for it', async () => {
  archive.contacts = () => undefined
  expect(await seenBy(friend)).toEqual([null, null, null, null])
  expect(archive.contactsAsked.length).toBeLessThan(4)
})
