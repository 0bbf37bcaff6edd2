import { newId, type PublicUser, type RouteReply, type SignedIn, type usersApi } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readUserEvents } from './read-user-events.ts'
import { internalToken, newName, startTestUsers, type TestUsers } from './start-test-users.ts'

let users: TestUsers
beforeAll(async () => {
  users = await startTestUsers()
})
afterAll(() => users[Symbol.asyncDispose]())

interface Page {
  items: PublicUser[]
  nextCursor: string | null
}
const block = ({ accessToken: token }: SignedIn, { user }: SignedIn) =>
  users.call(`PUT /v1/users/me/blocks/${user.id}`, { token })
const unblock = ({ accessToken: token }: SignedIn, { user }: SignedIn) =>
  users.call(`DELETE /v1/users/me/blocks/${user.id}`, { token })
const blocked = ({ accessToken: token }: SignedIn, more = '') =>
  users.call<Page>(`GET /v1/users/me/blocks${more}`, { token })
const changesOf = async (...people: SignedIn[]) =>
  (await readUserEvents(users))
    .filter(({ type, key }) => type === 'block.changed' && people.some(({ user }) => user.id === key))
    .map(({ payload }) => payload)

test.each([
  'GET /v1/users/me/blocks',
  `PUT /v1/users/me/blocks/${newId()}`,
  `DELETE /v1/users/me/blocks/${newId()}`,
])('%s requires sign-in', async (request) => {
  expect(await users.call(request)).toMatchObject({ status: 401, body: { code: 'unauthenticated' } })
})

/** Every way in which one person may come upon another. */
async function finds({ accessToken: token }: SignedIn, { user }: SignedIn): Promise<boolean[]> {
  const get = await users.call(`GET /v1/users/${user.id}`, { token })
  const search = await users.call<Page>(`GET /v1/users?query=${user.username}`, { token })
  const misspelt = await users.call<Page>(`GET /v1/users?query=x${user.username}`, { token })
  const lookup = await users.call<Page>('POST /v1/users/lookup', { token, body: { ids: [user.id] } })
  const isHere = ({ body }: { body: Page }) => body.items.some(({ id }) => id === user.id)
  return [get.status === 200, isHere(search), isHere(misspelt), isHere(lookup)]
}

test('neither finds the other while one of them blocks, and both do afterwards', async () => {
  const [ada, bob] = [
    await users.register({ username: newName('ada').slice(0, 12) }),
    await users.register({ username: newName('bob').slice(0, 12) }),
  ]
  const everywhere = [true, true, true, true]
  expect([await finds(ada, bob), await finds(bob, ada)]).toEqual([everywhere, everywhere])

  expect((await block(ada, bob)).status).toBe(204)
  const nowhere = [false, false, false, false]
  expect([await finds(ada, bob), await finds(bob, ada)]).toEqual([nowhere, nowhere])
  expect(await finds(ada, ada)).toEqual(everywhere)

  expect((await unblock(ada, bob)).status).toBe(204)
  expect([await finds(ada, bob), await finds(bob, ada)]).toEqual([everywhere, everywhere])
})

test('blocking and unblocking emit one event each, with a growing version', async () => {
  const [ada, bob] = [await users.register(), await users.register()]
  for (const each of [block, block, unblock, unblock, block]) expect((await each(ada, bob)).status).toBe(204)

  const pair = { userId: ada.user.id, blockedId: bob.user.id }
  await eventually(async () =>
    expect(await changesOf(ada, bob)).toEqual([
      { ...pair, isBlocked: true, version: 1 },
      { ...pair, isBlocked: false, version: 2 },
      { ...pair, isBlocked: true, version: 3 },
    ]),
  )
})

test('the same block from two devices at once is one block', async () => {
  const [ada, bob] = [await users.register(), await users.register()]
  const replies = await Promise.all([block(ada, bob), block(ada, bob), block(bob, ada), block(ada, bob)])

  expect(replies.map(({ status }) => status)).toEqual([204, 204, 204, 204])
  await eventually(async () => expect(await changesOf(ada, bob)).toHaveLength(2))
  expect((await blocked(ada)).body.items).toHaveLength(1)
})

test('the list shows whom I blocked, the last one first, also those who blocked me; not when they were seen', async () => {
  const ada = await users.register()
  const others: SignedIn[] = []
  for (let n = 0; n < 5; n += 1) {
    const other = await users.register()
    await block(ada, other)
    others.unshift(other)
  }
  const [latest] = others
  if (latest) await block(latest, ada)

  const whole = await blocked(ada)
  expect(whole.body).toEqual({
    items: others.map(({ user }) => expect.objectContaining({ id: user.id, lastSeenAt: null })),
    nextCursor: null,
  })
  const paged: string[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const { body }: { body: Page } = await blocked(ada, `?limit=2${cursor && `&cursor=${cursor}`}`)
    paged.push(...body.items.map(({ id }) => id))
    cursor = body.nextCursor
  }
  expect(paged).toEqual(others.map(({ user }) => user.id))
  expect(await blocked(ada, '?cursor=invented')).toMatchObject({
    status: 400,
    body: { errors: [{ path: 'query.cursor' }] },
  })
})

test('oneself, nobody and the deleted cannot be blocked', async () => {
  const [ada, gone] = [await users.register(), await users.register()]
  expect(await block(ada, ada)).toMatchObject({ status: 409, body: { code: 'conflict' } })

  const nobody = `PUT /v1/users/me/blocks/${newId()}`
  expect(await users.call(nobody, { token: ada.accessToken })).toMatchObject({
    status: 404,
    body: { code: 'not_found' },
  })
  const password = 'correct horse battery'
  await users.call('DELETE /v1/users/me', { token: gone.accessToken, body: { password } })
  expect((await block(ada, gone)).status).toBe(404)
  expect((await unblock(ada, gone)).status).toBe(204)
})

test('whom one blocked is listed by name, without what they write about themselves', async () => {
  const [ada, bob] = [await users.register(), await users.register()]
  await users.call('PATCH /v1/users/me', { token: bob.accessToken, body: { bio: 'Secret' } })
  await block(ada, bob)
  expect((await blocked(ada)).body.items).toMatchObject([{ id: bob.user.id, bio: '', lastSeenAt: null }])
})

test('blocks of a user are limited', async () => {
  const [ada, bob, eve] = [await users.register(), await users.register(), await users.register()]
  await users.ctx.pool.query(
    'INSERT INTO blocks (user_id, blocked_id) SELECT $1, gen_random_uuid() FROM generate_series(1, 9999)',
    [ada.user.id],
  )
  expect((await block(ada, bob)).status).toBe(204)
  expect(await block(ada, eve)).toMatchObject({ status: 409, body: { code: 'conflict' } })
  expect((await block(ada, bob)).status).toBe(204)
  await unblock(ada, bob)
  expect((await block(ada, eve)).status).toBe(204)
  await users.ctx.pool.query('DELETE FROM blocks WHERE user_id = $1', [ada.user.id])
})

type Snapshot = RouteReply<typeof usersApi.snapshotBlocks>
const inside = { 'x-internal-token': internalToken }

test('the snapshot has every block in force once, with its version', async () => {
  const [ada, bob, eve] = [await users.register(), await users.register(), await users.register()]
  for (const [one, other] of [
    [ada, bob],
    [bob, ada],
    [ada, eve],
  ] as const)
    await block(one, other)
  await unblock(ada, eve)
  await unblock(bob, ada)
  await block(bob, ada)

  const all: Snapshot['items'] = []
  for (let after: string | null = ''; after !== null; ) {
    const path: string = `GET /internal/blocks/snapshot?limit=1${after && `&after=${after}`}`
    const { body }: { body: Snapshot } = await users.call<Snapshot>(path, { headers: inside })
    all.push(...body.items)
    after = body.nextAfter
  }
  const pairs = all.map(({ userId, blockedId }) => `${userId} ${blockedId}`)
  expect(pairs).toEqual([...new Set(pairs)].sort())
  const { rows } = await users.ctx.pool.query('SELECT count(*)::int AS count FROM blocks WHERE in_force')
  expect(all).toHaveLength(rows[0].count)
  expect(all).toContainEqual({ userId: ada.user.id, blockedId: bob.user.id, version: 1, isBlocked: true })
  expect(all).toContainEqual({ userId: bob.user.id, blockedId: ada.user.id, version: 3, isBlocked: true })
  expect(all).not.toContainEqual(expect.objectContaining({ blockedId: eve.user.id }))
})

test('a snapshot since a time has what changed, removed blocks included, and nothing older', async () => {
  const [ada, bob, eve] = [await users.register(), await users.register(), await users.register()]
  await block(ada, bob)
  await block(ada, eve)
  const { rows } = await users.ctx.pool.query('SELECT clock_timestamp() AS now')
  await unblock(ada, eve)
  await users.call('PATCH /v1/users/me', { token: eve.accessToken, body: { bio: 'changed' } })

  const since = `changedSince=${encodeURIComponent(rows[0].now.toISOString())}`
  const blocks = await users.call<Snapshot>(`GET /internal/blocks/snapshot?${since}`, { headers: inside })
  const pairOfEve = { userId: ada.user.id, blockedId: eve.user.id, version: 2, isBlocked: false }
  expect(blocks.body.items).toEqual([pairOfEve])
  const people = await users.call<{ items: { user: { id: string } }[] }>(
    `GET /internal/users/snapshot?${since}`,
    { headers: inside },
  )
  expect(people.body.items.map(({ user }) => user.id)).toEqual([eve.user.id])
})

test('services only: the snapshot and presence, and no invented places in them', async () => {
  expect((await users.call('GET /internal/blocks/snapshot')).status).toBe(401)
  expect((await users.call('POST /internal/presence/lookup', { body: {} })).status).toBe(401)
  const place = await users.call('GET /internal/blocks/snapshot?after=x.y', { headers: inside })
  expect(place).toMatchObject({ status: 400, body: { errors: [{ path: 'query.after' }] } })
})

type Presence = RouteReply<typeof usersApi.lookupPresence>

test('presence leaves out who is blocked either way, gone or unknown, and hides what people hide', async () => {
  const [ada, open, shy, forContacts, blockedByAda, blocksAda, gone] = (await Promise.all(
    Array.from({ length: 7 }, () => users.register()),
  )) as [SignedIn, SignedIn, SignedIn, SignedIn, SignedIn, SignedIn, SignedIn]
  const hide = ({ accessToken: token }: SignedIn, lastSeen: string) =>
    users.call('PATCH /v1/users/me', { token, body: { preferences: { lastSeen } } })
  await hide(shy, 'nobody')
  await hide(forContacts, 'contacts')
  await hide(ada, 'nobody')
  await block(ada, blockedByAda)
  await block(blocksAda, ada)
  const password = 'correct horse battery'
  await users.call('DELETE /v1/users/me', { token: gone.accessToken, body: { password } })

  const of = [ada, open, shy, forContacts, blockedByAda, blocksAda, gone].map(({ user }) => user.id)
  const { body } = await users.call<Presence>('POST /internal/presence/lookup', {
    headers: inside,
    body: { userId: ada.user.id, of: [...of, newId()] },
  })
  const byId = Object.fromEntries(body.items.map(({ userId, ...item }) => [userId, item]))
  const shown = { lastSeenAt: expect.any(String), hidesLastSeen: false }
  const hidden = { lastSeenAt: null, hidesLastSeen: true }
  expect(byId).toEqual({
    [ada.user.id]: shown,
    [open.user.id]: shown,
    [shy.user.id]: hidden,
    [forContacts.user.id]: hidden,
  })
})
