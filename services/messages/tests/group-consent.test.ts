import type { Conversation, GroupInvitation, Problem } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { listAccountEvents } from './fixture/account-events.ts'
import { setAddToGroups } from './fixture/set-add-to-groups.ts'
import { type Person, startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'

let messages: TestMessages
let owner: Person
let shy: Person
beforeAll(async () => {
  messages = await startTestMessages({ env: { RATE_LIMIT_SCALE: '1' } })
})
afterAll(() => messages[Symbol.asyncDispose]())
beforeEach(async () => {
  owner = await messages.join('Owner')
  shy = await messages.join('Shy')
})

type Page<T> = { items: T[]; nextCursor: string | null }
const add = (by: Person, groupId: string, ...whom: Person[]) =>
  by.call<Conversation & Problem>(`POST /v1/conversations/${groupId}/participants`, {
    userIds: whom.map(({ id }) => id),
  })
const invited = async (person: Person, query = '') =>
  (await person.call<Page<Conversation>>(`GET /v1/conversations?state=invited${query}`)).body
const idsOf = ({ items }: Page<Conversation>) => items.map(({ id }) => id)
const waiting = async (by: Person, { id }: { id: string }) =>
  (await by.call<Page<GroupInvitation>>(`GET /v1/conversations/${id}/invitations`)).body.items.map(
    ({ userId }) => userId,
  )
const isIn = async (person: Person, { id }: { id: string }) => {
  const { body } = await person.call<Page<Conversation>>('GET /v1/conversations')
  return idsOf(body).includes(id)
}
const write = async (by: Person, to: Person) => by.say((await messages.direct(by, to)).id, 'hello')
const decline = (by: Person, { id }: { id: string }) =>
  by.call(`DELETE /v1/conversations/${id}/participants/${by.id}`)
const accept = (by: Person, { id }: { id: string }) =>
  by.call<Conversation>(`POST /v1/conversations/${id}/accept`)

test('by default, anybody may add a person to a group', async () => {
  const group = await messages.group(owner, [shy])
  expect(await isIn(shy, group)).toBe(true)
  expect(idsOf(await invited(shy))).toEqual([])
})

test('a person who lets nobody add them gets an invitation to a new group', async () => {
  await setAddToGroups(messages, shy, 'nobody')
  await write(shy, owner)
  const group = await messages.group(owner, [shy], 'Climbing')
  expect(group).toMatchObject({ participantCount: 1, participants: [{ userId: owner.id }] })
  expect(await isIn(shy, group)).toBe(false)
  const shown = {
    id: group.id,
    title: 'Climbing',
    participantCount: 1,
    description: null,
    lastSeq: 0,
    lastMessage: null,
    participants: [],
    me: { state: 'invited', invitedBy: owner.id, unreadCount: 0 },
  }
  // Without creator, creation time and history sharing.
  const other = await messages.join('Other')
  await owner.call(`PATCH /v1/conversations/${group.id}`, { sharesHistory: true })
  await messages.node.ctx.pool.query(
    `UPDATE conversations SET created_by = $2, created_at = '2020-02-02' WHERE id = $1`,
    [group.id, other.id],
  )
  const neutral = { createdBy: owner.id, sharesHistory: false }
  expect((await invited(shy)).items).toMatchObject([neutral])
  const seen = await shy.chat(group.id)
  expect(seen).toMatchObject(neutral)
  expect(Date.now() - Date.parse(seen.createdAt)).toBeLessThan(60_000)
  expect((await invited(shy)).items).toMatchObject([shown])
  expect(await shy.chat(group.id)).toMatchObject(shown)
  expect(await waiting(owner, group)).toEqual([shy.id])
})

test('a contact is somebody to whom the person wrote, not a sender or a fellow member', async () => {
  await setAddToGroups(messages, shy, 'contacts')
  await messages.group(shy, [owner])
  await write(owner, shy)
  const first = await messages.group(owner, [shy])
  expect([await isIn(shy, first), idsOf(await invited(shy))]).toEqual([false, [first.id]])
  await write(shy, owner)
  const second = await messages.group(owner, [shy])
  expect(await isIn(shy, second)).toBe(true)
})

test('adding to an existing group invites too, and inviting again is idempotent', async () => {
  await setAddToGroups(messages, shy, 'nobody')
  const free = await messages.join('Free')
  const group = await messages.group(owner)
  expect(await add(owner, group.id, shy, free)).toMatchObject({ status: 200, body: { participantCount: 2 } })
  expect(await add(owner, group.id, shy, free)).toMatchObject({ status: 200, body: { participantCount: 2 } })
  expect(await waiting(owner, group)).toEqual([shy.id])
  expect(idsOf(await invited(shy))).toEqual([group.id])
})

test('an invitation shows the participant count after the same call, as a reload does', async () => {
  await setAddToGroups(messages, shy, 'nobody')
  const others = [await messages.join('Free'), await messages.join('Willing')]
  const group = await messages.group(owner)
  await owner.call(`PATCH /v1/conversations/${group.id}`, { title: 'Renamed' })
  await add(owner, group.id, shy, ...others)
  const told = () => listAccountEvents(messages, shy.id, 'conversation.invited')
  await eventually(async () => expect(await told()).toHaveLength(1))
  const [shown] = (await invited(shy)).items
  expect(shown).toMatchObject({ participantCount: 3, title: 'Renamed' })
  expect(await told()).toMatchObject([{ conversation: { participantCount: 3, title: 'Renamed' } }])

  await owner.call(`DELETE /v1/conversations/${group.id}/participants/${others[0]?.id}`)
  expect(await owner.chat(group.id)).toMatchObject({ participantCount: 2 })
  expect((await invited(shy)).items).toMatchObject([{ participantCount: 2 }])
})

test('accepting adds the person once, without access to earlier messages', async () => {
  await setAddToGroups(messages, shy, 'nobody')
  const group = await messages.group(owner, [shy])
  await owner.say(group.id, 'before')
  const [first, second] = await Promise.all([accept(shy, group), accept(shy, group)])
  expect([first.status, second.status]).toEqual([200, 200])
  expect(await shy.chat(group.id)).toMatchObject({
    participantCount: 2,
    lastMessage: null,
    me: { state: 'member', role: 'member', unreadCount: 0, joinedSeq: 2 },
  })
  expect([idsOf(await invited(shy)), await waiting(owner, group)]).toEqual([[], []])
  const history = await owner.call<{ items: { system: object }[] }>(
    `GET /v1/conversations/${group.id}/messages`,
  )
  expect(history.body.items.at(-1)).toMatchObject({
    senderId: shy.id,
    system: { type: 'participant.joined' },
  })
})

test('after declining, that group cannot invite for a month, other groups can', async () => {
  await setAddToGroups(messages, shy, 'nobody')
  const group = await messages.group(owner, [shy])
  expect((await decline(shy, group)).status).toBe(204)
  expect((await decline(shy, group)).status).toBe(404)
  expect((await accept(shy, group)).status).toBe(404)
  expect([idsOf(await invited(shy)), await waiting(owner, group)]).toEqual([[], []])
  expect(await add(owner, group.id, shy)).toMatchObject({ status: 409, body: { code: 'conflict' } })
  const other = await messages.group(owner, [shy])
  expect(idsOf(await invited(shy))).toEqual([other.id])

  const { pool } = messages.node.ctx
  await pool.query(
    `UPDATE group_invitations SET ended_at = now() - interval '31 days' WHERE conversation_id = $1`,
    [group.id],
  )
  expect((await add(owner, group.id, shy)).status).toBe(200)
  expect(idsOf(await invited(shy))).toEqual([group.id, other.id])
})

test('owners and admins withdraw invitations; members and strangers see none', async () => {
  await setAddToGroups(messages, shy, 'nobody')
  const [member, stranger] = [await messages.join('Member'), await messages.join('Stranger')]
  const group = await messages.group(owner, [member, shy])
  const path = `/v1/conversations/${group.id}/invitations`
  expect((await member.call(`GET ${path}`)).status).toBe(403)
  expect((await member.call(`DELETE ${path}/${shy.id}`)).status).toBe(403)
  expect((await stranger.call(`GET ${path}`)).status).toBe(404)
  expect((await shy.call(`GET ${path}`)).status).toBe(404)
  expect((await stranger.call(`DELETE ${path}/${shy.id}`)).status).toBe(404)
  expect((await owner.call(`DELETE ${path}/${member.id}`)).status).toBe(404)
  expect((await owner.call(`DELETE ${path}/${shy.id}`)).status).toBe(204)
  expect(idsOf(await invited(shy))).toEqual([])
  expect((await accept(shy, group)).status).toBe(404)
})

test('an invited person is no participant: no reads, sends, markers, search or mentions', async () => {
  await setAddToGroups(messages, shy, 'nobody')
  const group = await messages.group(owner, [shy])
  const { id } = await owner.say(group.id, `secret for @${shy.user.username}`)
  const path = `/v1/conversations/${group.id}`
  const asked: [string, object?][] = [
    [`GET ${path}/messages`],
    [`GET ${path}/events?after=0`],
    [`GET ${path}/participants`],
    [`GET ${path}/pins`],
    [`GET /v1/messages/${id}`],
    [`POST ${path}/read`, { seq: 1 }],
    [`PATCH ${path}/me`, { pinned: true }],
    [`PATCH ${path}`, { title: 'Mine' }],
    [`POST ${path}/messages`, { id: crypto.randomUUID().replace(/^.{14}./, '01a22ccb-b8f1-7'), text: 'x' }],
  ]
  for (const [request, body] of asked)
    expect([request, (await shy.call(request, body)).status]).toEqual([request, 404])
  const { body } = await shy.call<object>('POST /v1/sync', { known: { [group.id]: 1 } })
  expect(body).toMatchObject({ conversations: [], removed: [group.id], invited: [group.id] })
  const recipients = { conversations: [{ conversationId: group.id, fromSeq: 1, toSeq: 1 }] }
  const pushed = await messages.internal('POST /internal/push/recipients', recipients)
  expect(JSON.stringify(pushed.body)).not.toContain(shy.id)
  const memberships = await messages.internal('POST /internal/memberships', { userIds: [shy.id] })
  expect(memberships.body).toEqual({ items: [{ userId: shy.id, conversations: [] }] })
  expect(await owner.call(`GET ${path}/messages`)).toMatchObject({ body: { items: [{ mentions: [] }] } })
})

test('after twenty additions by strangers in a day, further ones are invitations', async () => {
  const strangers = await messages.joinAll(3)
  const groups: Conversation[] = []
  for (let i = 0; i < 21; i += 1) groups.push(await messages.group(strangers[i % 3] as Person, [shy]))
  expect(idsOf(await invited(shy))).toEqual([groups[20]?.id])
  await write(shy, owner)
  expect(await isIn(shy, await messages.group(owner, [shy]))).toBe(true)
  await messages.node.ctx.pool.query(`UPDATE stranger_additions SET added_at = now() - interval '25 hours'`)
  expect(await isIn(shy, await messages.group(strangers[0] as Person, [shy]))).toBe(true)
})

test('of many strangers who add a person concurrently, twenty succeed', async () => {
  const strangers = await messages.joinAll(40)
  const groups = await Promise.all(strangers.map((stranger) => messages.group(stranger, [shy])))
  expect((await invited(shy)).items).toHaveLength(20)
  const { body } = await shy.call<Page<Conversation>>('GET /v1/conversations?limit=100')
  expect(body.items).toHaveLength(20)
  expect(groups).toHaveLength(40)
})

test('a person who left is invited again; a removed person is added by an admin', async () => {
  const group = await messages.group(owner, [shy])
  await decline(shy, group)
  expect((await add(owner, group.id, shy)).status).toBe(200)
  expect([await isIn(shy, group), idsOf(await invited(shy))]).toEqual([false, [group.id]])
  await accept(shy, group)
  await owner.call(`DELETE /v1/conversations/${group.id}/participants/${shy.id}`)
  await add(owner, group.id, shy)
  expect(await isIn(shy, group)).toBe(true)
})

test('a block ends pending invitations between the two', async () => {
  await setAddToGroups(messages, shy, 'nobody')
  const group = await messages.group(owner, [shy])
  await messages.usersService.block(shy.id, owner.id)
  await eventually(async () => expect(idsOf(await invited(shy))).toEqual([]))
  expect((await accept(shy, group)).status).toBe(404)
  expect(await waiting(owner, group)).toEqual([])
})

/** Does the work while an account is locked, as by another group that adds the person. */
async function whileHeld<T>(
  { id }: Person,
  work: () => Promise<T>,
  meanwhile: () => Promise<unknown>,
): Promise<T> {
  const client = await messages.node.ctx.pool.connect()
  try {
    await client.query('BEGIN')
    await client.query('SELECT FROM users_replica WHERE id = $1 FOR UPDATE', [id])
    const working = work()
    await eventually(async () => {
      const { rows } = await messages.node.ctx.pool.query<{ waiting: number }>(
        `SELECT count(*)::int AS waiting FROM pg_stat_activity
WHERE wait_event_type = 'Lock' AND query LIKE '%FROM users_replica%FOR NO KEY UPDATE%'`,
      )
      expect(rows[0]?.waiting).toBe(1)
    })
    await meanwhile()
    await client.query('COMMIT')
    return await working
  } finally {
    client.release()
  }
}

test.each(['nobody', 'everyone'] as const)(
  'a block that arrives while somebody is added to a group is applied (%s may add them)',
  async (addToGroups) => {
    await setAddToGroups(messages, shy, addToGroups)
    const group = await messages.group(owner)
    const { pool } = messages.node.ctx
    const store = (version: number, inForce: boolean) =>
      pool.query(
        `INSERT INTO blocks (user_id, blocked_id, in_force, version) VALUES ($1, $2, $3, $4)
ON CONFLICT (user_id, blocked_id) DO UPDATE SET in_force = $3, version = $4`,
        [shy.id, owner.id, inForce, version],
      )
    const refused = { status: 400, body: { errors: [{ path: 'body.userIds.0' }] } }
    expect(
      await whileHeld(
        shy,
        () => add(owner, group.id, shy),
        () => store(1, true),
      ),
    ).toMatchObject(refused)
    await store(2, false)
    const body = { kind: 'group', title: 'Other', userIds: [shy.id] }
    const create = () => owner.call('POST /v1/conversations', body)
    expect(await whileHeld(shy, create, () => store(3, true))).toMatchObject(refused)
    await store(4, false)
    expect(idsOf(await invited(shy))).toEqual([])
    expect(await waiting(owner, group)).toEqual([])
    expect(await isIn(shy, group)).toBe(false)
  },
)

test('a concurrent block and invitation leave no pending invitation', async () => {
  await setAddToGroups(messages, shy, 'nobody')
  const group = await messages.group(owner)
  await whileHeld(
    shy,
    () => add(owner, group.id, shy),
    () => messages.usersService.block(shy.id, owner.id),
  )
  await eventually(async () => expect(await waiting(owner, group)).toEqual([]))
  await eventually(async () => expect((await add(owner, group.id, shy)).status).toBe(400))
  await messages.usersService.unblock(shy.id, owner.id)
  await eventually(async () =>
    expect(await messages.node.ctx.prisma.block.count({ where: { userId: shy.id, inForce: true } })).toBe(0),
  )
  expect(idsOf(await invited(shy))).toEqual([])
})

test('invitations end when the inviter loses the role, or their account ends', async () => {
  await setAddToGroups(messages, shy, 'nobody')
  const admins = await messages.joinAll(3)
  const groups = await Promise.all(
    admins.map(async (admin) => {
      const group = await messages.group(owner, [admin])
      await owner.call(`PATCH /v1/conversations/${group.id}/participants/${admin.id}`, { role: 'admin' })
      await add(admin, group.id, shy)
      return group
    }),
  )
  expect((await invited(shy)).items).toHaveLength(3)
  const [removed, demoted, ended] = admins as [Person, Person, Person]
  await owner.call(`DELETE /v1/conversations/${groups[0]?.id}/participants/${removed.id}`)
  await owner.call(`PATCH /v1/conversations/${groups[1]?.id}/participants/${demoted.id}`, { role: 'member' })
  expect(idsOf(await invited(shy))).toEqual([groups[2]?.id])
  await messages.usersService.deleteUser(ended.id, 2)
  await eventually(async () => expect(idsOf(await invited(shy))).toEqual([]))
})

test('a pending invitation reserves a place, and the invited may also join by a link', async () => {
  await setAddToGroups(messages, shy, 'nobody')
  const late = await messages.join('Late')
  const group = await messages.group(owner, [shy])
  const { body } = await owner.call<{ code: string }>(`POST /v1/conversations/${group.id}/invites`)
  const { pool } = messages.node.ctx
  await pool.query('UPDATE conversations SET participant_count = 999 WHERE id = $1', [group.id])
  expect((await add(owner, group.id, late)).status).toBe(409)
  expect((await late.call(`POST /v1/invites/${body.code}`)).status).toBe(409)
  expect((await shy.call(`POST /v1/invites/${body.code}`)).status).toBe(200)
  expect([idsOf(await invited(shy)), await waiting(owner, group)]).toEqual([[], []])
})

test('withdrawing and accepting concurrently has one outcome', async () => {
  await setAddToGroups(messages, shy, 'nobody')
  for (let round = 0; round < 5; round += 1) {
    const group = await messages.group(owner, [shy])
    const [accepted, withdrawn] = await Promise.all([
      accept(shy, group),
      owner.call(`DELETE /v1/conversations/${group.id}/invitations/${shy.id}`),
    ])
    expect([accepted.status, withdrawn.status]).toEqual((await isIn(shy, group)) ? [200, 404] : [404, 204])
  }
})

test('a stranger has at most ten open or declined invitations to one person', async () => {
  await setAddToGroups(messages, shy, 'nobody')
  const groups: Conversation[] = []
  for (let i = 0; i < 12; i += 1) groups.push(await messages.group(owner, [shy]))
  expect((await invited(shy)).items).toHaveLength(10)
  for (const group of groups.slice(0, 5)) await decline(shy, group)
  await messages.group(owner, [shy])
  expect((await invited(shy)).items).toHaveLength(5)
  await write(shy, owner)
  await messages.group(owner, [shy])
  expect((await invited(shy)).items).toHaveLength(6)
})

test('invitations come in pages, newest first', async () => {
  await setAddToGroups(messages, shy, 'nobody')
  const groups: Conversation[] = []
  for (let i = 0; i < 5; i += 1) groups.push(await messages.group(owner, [shy]))
  const seen: string[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: Page<Conversation> = await invited(shy, `&limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`)
    seen.push(...idsOf(page))
    cursor = page.nextCursor
  }
  expect(seen).toEqual(groups.map(({ id }) => id).reverse())
})
