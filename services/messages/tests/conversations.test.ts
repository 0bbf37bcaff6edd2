import {
  type Conversation,
  newId,
  type Problem,
  SharedConversation,
  type SyncReply,
} from '@finnigram/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Person, startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'

let messages: TestMessages
beforeAll(async () => {
  messages = await startTestMessages({ count: 2 })
})
afterAll(() => messages[Symbol.asyncDispose]())

interface Page {
  items: Conversation[]
  nextCursor: string | null
}
const create = (person: Person, body: unknown, node = messages.node) =>
  person.call<Conversation & Problem>('POST /v1/conversations', body, node)

test('two people have one direct conversation, no matter who creates it', async () => {
  const [alice, bob] = await messages.joinAll(2)
  if (!alice || !bob) throw new Error('Nobody came')
  const first = await create(alice, { kind: 'direct', userId: bob.id })
  const again = await create(alice, { kind: 'direct', userId: bob.id })
  const other = await create(bob, { kind: 'direct', userId: alice.id })

  expect([first.status, again.status, other.status]).toEqual([201, 200, 200])
  expect(again.body).toEqual(first.body)
  expect(other.body).toEqual(first.body)
  expect(first.body).toMatchObject({
    kind: 'direct',
    title: null,
    createdBy: alice.id,
    lastSeq: 0,
    version: 1,
    participantCount: 2,
    lastMessage: null,
    me: { role: 'member', joinedSeq: 0, unreadCount: 0, archived: false, notify: 'all' },
  })
  const people = [alice, bob].map(({ user }) =>
    expect.objectContaining({ user: { ...user, version: 1 }, userId: user.id, role: 'member' }),
  )
  expect(first.body.participants).toEqual(expect.arrayContaining(people))
})

test('two people who create it concurrently on two nodes get the same one', async () => {
  for (let round = 0; round < 10; round += 1) {
    const [alice, bob] = await messages.joinAll(2)
    if (!alice || !bob) throw new Error('Nobody came')
    const replies = await Promise.all(
      [0, 1, 2, 3, 4, 5].map((i) => {
        const [one, other] = i % 2 ? [alice, bob] : [bob, alice]
        return create(one, { kind: 'direct', userId: other.id }, messages.nodes[i % 2])
      }),
    )
    expect(replies.map(({ status }) => status).toSorted()).toEqual([200, 200, 200, 200, 200, 201])
    expect(new Set(replies.map(({ body }) => body.id)).size).toBe(1)
  }
})

test('creating with the same id again, as after a lost response, is idempotent', async () => {
  const [alice, bob, carol] = await messages.joinAll(3)
  if (!alice || !bob || !carol) throw new Error('Nobody came')
  const body = { kind: 'group', id: newId(), title: 'Once', userIds: [bob.id] }
  const tries = await Promise.all(
    [0, 1, 2, 3, 4, 5].map((i) =>
      create(alice, { ...body, id: body.id.toUpperCase() }, messages.nodes[i % 2]),
    ),
  )
  expect(tries.map(({ status }) => status).toSorted()).toEqual([200, 200, 200, 200, 200, 201])
  for (const { body: made } of tries)
    expect(made).toMatchObject({ id: body.id, title: 'Once', version: 1, participantCount: 2 })
  // Much later, with any body.
  await alice.call(`PATCH /v1/conversations/${body.id}`, { title: 'Renamed since' })
  const late = await create(alice, { ...body, userIds: [newId()] }, messages.nodes[1])
  expect(late).toMatchObject({ status: 200, body: { id: body.id, title: 'Renamed since' } })
  const { body: synced } = await bob.call<SyncReply>('POST /v1/sync', { known: {} })
  expect(synced.conversations.map(({ id }) => id)).toEqual([body.id])

  expect(await create(bob, body)).toMatchObject({ status: 409, body: { code: 'conversation_id_taken' } })
  expect((await create(carol, body)).body.code).toBe('conversation_id_taken')
  const ofVersion4 = newId().replace(/(?<=^.{14})7/, '4')
  for (const id of ['mine', '', ofVersion4, 7])
    expect((await create(alice, { ...body, id })).status).toBe(400)
})

test('the id of a conversation that one has left answers not_found', async () => {
  const [alice, bob] = await messages.joinAll(2)
  if (!alice || !bob) throw new Error('Nobody came')
  const body = { kind: 'group', id: newId(), title: 'Left', userIds: [bob.id] }
  await create(alice, body)
  await alice.call(`PATCH /v1/conversations/${body.id}/participants/${bob.id}`, { role: 'owner' })
  await alice.call(`DELETE /v1/conversations/${body.id}/participants/${alice.id}`)
  expect(await create(alice, body)).toMatchObject({ status: 404, body: { code: 'not_found' } })
})

test('creating an existing direct conversation with another id answers it with its own id', async () => {
  const [alice, bob] = await messages.joinAll(2)
  if (!alice || !bob) throw new Error('Nobody came')
  const ids = Array.from({ length: 6 }, newId)
  const tries = await Promise.all(
    ids.map((id, i) => {
      const [one, other] = i % 2 ? [alice, bob] : [bob, alice]
      return create(one, { kind: 'direct', id, userId: other.id }, messages.nodes[i % 2])
    }),
  )
  expect(tries.map(({ status }) => status).toSorted()).toEqual([200, 200, 200, 200, 200, 201])
  const [made] = new Set(tries.map(({ body }) => body.id))
  expect(ids).toContain(made)
  for (const { body } of tries) expect(body.id).toBe(made)
  // An id that created nothing stays free.
  const free = ids.find((id) => id !== made)
  const group = await create(alice, { kind: 'group', id: free, title: 'Free', userIds: [] })
  expect(group).toMatchObject({ status: 201, body: { id: free } })
})

test('a direct conversation with oneself holds notes', async () => {
  const alice = await messages.join('Alice')
  const { status, body } = await create(alice, { kind: 'direct', userId: alice.id })
  expect(status).toBe(201)
  expect(body).toMatchObject({ participantCount: 1, participants: [{ userId: alice.id }] })
  expect((await create(alice, { kind: 'direct', userId: alice.id })).body.id).toBe(body.id)
  expect(await alice.say(body.id, 'milk')).toMatchObject({ seq: 1 })
})

test('an unknown user answers not_found without waiting', async () => {
  const alice = await messages.join('Alice')
  const startedAt = performance.now()
  const reply = await create(alice, { kind: 'direct', userId: '01890000-0000-7000-8000-000000000000' })
  expect(reply).toMatchObject({ status: 404, body: { code: 'not_found' } })
  expect(performance.now() - startedAt).toBeLessThan(500)
})

test('the creator of a group is its owner, and each participant is listed once', async () => {
  const [alice, bob, carol] = await messages.joinAll(3)
  if (!alice || !bob || !carol) throw new Error('Nobody came')
  const userIds = [bob.id, carol.id, bob.id, alice.id]
  const { status, body } = await create(alice, { kind: 'group', title: '  Book   club ', userIds })

  expect(status).toBe(201)
  expect(body).toMatchObject({ kind: 'group', title: 'Book club', participantCount: 3, version: 1 })
  const roles = body.participants.map(({ userId, role }) => [userId, role])
  expect(roles).toEqual(
    [
      [alice.id, 'owner'],
      [bob.id, 'member'],
      [carol.id, 'member'],
    ].toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1)),
  )
  expect((await bob.chat(body.id)).me.role).toBe('member')
  const { me: _, ...shared } = body
  const { body: events } = await bob.call(`GET /v1/conversations/${body.id}/events`)
  expect(events).toEqual({
    items: [
      {
        conversationId: body.id,
        version: 1,
        type: 'conversation.created',
        at: expect.any(String),
        actorId: alice.id,
        data: { conversation: SharedConversation.parse(shared) },
      },
    ],
    hasMore: false,
  })
})

test('validation errors carry the index of each unknown user', async () => {
  const [alice, bob] = await messages.joinAll(2)
  if (!alice || !bob) throw new Error('Nobody came')
  const nobody = '01890000-0000-7000-8000-000000000000'
  const { status, body } = await create(alice, {
    kind: 'group',
    title: 'x',
    userIds: [bob.id, nobody, alice.id, nobody],
  })
  expect(status).toBe(400)
  expect(body.errors?.map(({ path }) => path)).toEqual(['body.userIds.1', 'body.userIds.3'])
})

test('a group has at most 1000 people', async () => {
  const alice = await messages.join('Alice')
  const people = await messages.joinAll(999)
  const full = await messages.group(alice, people)
  expect(full).toMatchObject({ participantCount: 1000 })
  expect(full.participants).toHaveLength(100)

  const late = await messages.join('Late')
  const userIds = [...people, late].map(({ id }) => id)
  expect(await create(alice, { kind: 'group', title: 'x', userIds })).toMatchObject({
    status: 400,
    body: { errors: [{ path: 'body.userIds' }] },
  })
  const add = await alice.call(`POST /v1/conversations/${full.id}/participants`, { userIds: [late.id] })
  expect(add).toMatchObject({ status: 409, body: { code: 'conflict' } })

  const seen = new Set<string>()
  let cursor: string | null = ''
  while (cursor !== null) {
    const query: string = cursor && `&cursor=${cursor}`
    const request = `GET /v1/conversations/${full.id}/participants?limit=90${query}`
    const page = await alice.call<{ items: { userId: string }[]; nextCursor: string | null }>(request)
    for (const { userId } of page.body.items) seen.add(userId)
    cursor = page.body.nextCursor
  }
  expect(seen.size).toBe(1000)
})

test('the list is ordered by latest activity, and pages repeat nothing', async () => {
  const [alice, bob] = await messages.joinAll(2)
  if (!alice || !bob) throw new Error('Nobody came')
  const groups: Conversation[] = []
  for (let i = 0; i < 7; i += 1) groups.push(await messages.group(alice, [bob], `Group ${i}`))
  for (const i of [2, 5]) await bob.say(groups[i]?.id ?? '', `in ${i}`)
  const expected = [5, 2, 6, 4, 3, 1, 0].map((i) => `Group ${i}`)

  const titles: (string | null)[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query: string = cursor && `&cursor=${cursor}`
    const page: { body: Page } = await alice.call<Page>(`GET /v1/conversations?limit=3${query}`)
    titles.push(...page.body.items.map(({ title }) => title))
    cursor = page.body.nextCursor
  }
  expect(titles).toEqual(expected)
  const { body } = await alice.call<Page>('GET /v1/conversations?limit=1')
  expect(body.items).toEqual([await alice.chat(groups[5]?.id ?? '')])
  expect(body.items[0]).toMatchObject({ lastMessage: { text: 'in 5' }, me: { unreadCount: 1 } })
})

test('pinned conversations come first, and archived ones are a list of their own', async () => {
  const alice = await messages.join('Alice')
  const [one, two, three] = [
    await messages.group(alice),
    await messages.group(alice),
    await messages.group(alice),
  ]
  const set = (column: string, id: string) =>
    messages.node.ctx.pool.query(`UPDATE participants SET ${column} = true WHERE conversation_id = $1`, [id])
  await set('pinned', one.id)
  await set('archived', two.id)

  const idsOf = async (query: string) =>
    (await alice.call<Page>(`GET /v1/conversations${query}`)).body.items.map(({ id }) => id)
  expect(await idsOf('')).toEqual([one.id, three.id])
  expect(await idsOf('?archived=false')).toEqual([one.id, three.id])
  expect(await idsOf('?archived=true')).toEqual([two.id])
})

test('an invalid cursor is rejected', async () => {
  const alice = await messages.join('Alice')
  const forged = [
    [1, 2, 3],
    [true, 9e15, alice.id],
  ].map((place) => JSON.stringify(place))
  for (const cursor of ['x', ...forged.map((text) => Buffer.from(text).toString('base64url'))]) {
    const reply = await alice.call(`GET /v1/conversations?cursor=${cursor}`)
    expect(reply).toMatchObject({ status: 400, body: { errors: [{ path: 'query.cursor' }] } })
  }
})

test('owners and admins rename a group, and all participants get the event', async () => {
  const [alice, bob] = await messages.joinAll(2)
  if (!alice || !bob) throw new Error('Nobody came')
  const group = await messages.group(alice, [bob], 'Old')
  const path = `/v1/conversations/${group.id}`

  expect(await bob.call(`PATCH ${path}`, { title: 'Mine' })).toMatchObject({ status: 403 })
  const renamed = await alice.call(`PATCH ${path}`, { title: 'New', description: 'About' })
  expect(renamed).toMatchObject({ status: 200, body: { title: 'New', description: 'About', version: 3 } })
  const same = await alice.call(`PATCH ${path}`, { title: 'New' })
  expect(same).toMatchObject({ status: 200, body: { version: 3 } })
  await alice.call(`PATCH ${path}`, { description: null })
  const piled = await alice.call(`PATCH ${path}`, { description: `a${'\u0300'.repeat(40)}` })
  expect(piled).toMatchObject({ status: 400, body: { errors: [{ path: 'body.description' }] } })

  const { body } = await bob.call<{ items: { data: unknown }[] }>(`GET ${path}/events?after=1`)
  const system = { type: 'conversation.renamed', title: 'New' }
  expect(body.items.map(({ data }) => data)).toEqual([
    { title: 'New', description: 'About' },
    { message: expect.objectContaining({ system, kind: 'system', text: null, senderId: alice.id }) },
    { description: null },
  ])
})

test('the title of a direct conversation cannot change', async () => {
  const [alice, bob] = await messages.joinAll(2)
  if (!alice || !bob) throw new Error('Nobody came')
  const chat = await messages.direct(alice, bob)
  expect(await alice.call(`PATCH /v1/conversations/${chat.id}`, { title: 'x' })).toMatchObject({
    status: 403,
  })
})
