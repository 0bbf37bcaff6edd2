import type { Conversation, ConversationEvent, Invite, InvitePreview, Problem } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Person, startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'

let messages: TestMessages
let owner: Person
let admin: Person
let member: Person
let guest: Person
let group: Conversation
beforeAll(async () => {
  messages = await startTestMessages({ count: 2, env: { PUBLIC_URL: 'https://chat.example.org/' } })
})
afterAll(() => messages[Symbol.asyncDispose]())
beforeEach(async () => {
  owner = await messages.join('Owner')
  admin = await messages.join('Admin')
  member = await messages.join('Member')
  guest = await messages.join('Guest')
  group = await messages.group(owner, [admin, member], 'Book club')
  await owner.call(`PATCH /v1/conversations/${group.id}/participants/${admin.id}`, { role: 'admin' })
})

const path = () => `/v1/conversations/${group.id}/invites`
const invite = (by: Person, body?: object) => by.call<Invite & Problem>(`POST ${path()}`, body)
const made = async (body?: object) => (await invite(owner, body)).body.code
const list = async (query = '') =>
  (await owner.call<{ items: Invite[]; nextCursor: string | null }>(`GET ${path()}${query}`)).body
const preview = (by: Person, code: string) => by.call<InvitePreview & Problem>(`GET /v1/invites/${code}`)
const join = (by: Person, code: string, node = messages.node) =>
  by.call<Conversation & Problem>(`POST /v1/invites/${code}`, undefined, node)
const gone = { status: 410, body: { code: 'gone' } }
const notFound = { status: 404, body: { code: 'not_found' } }

test('owners and admins create unguessable invites, and members cannot', async () => {
  expect(await invite(member)).toMatchObject({ status: 403 })
  expect(await invite(guest)).toMatchObject(notFound)
  const first = await invite(owner)
  const second = await invite(admin, { maxUses: 3, expiresAt: '2030-01-01T01:00:00+01:00' })
  expect(first).toMatchObject({
    status: 201,
    body: {
      conversationId: group.id,
      createdBy: owner.id,
      url: `https://chat.example.org/invite/${first.body.code}`,
      maxUses: null,
      uses: 0,
      expiresAt: null,
    },
  })
  expect(second).toMatchObject({ status: 201, body: { maxUses: 3, expiresAt: '2030-01-01T00:00:00.000Z' } })
  expect(first.body.code).toMatch(/^[\w-]{24}$/)
  expect((await list()).items).toEqual([second.body, first.body])
  expect(await member.call(`GET ${path()}`)).toMatchObject({ status: 403 })
  expect(await guest.call(`GET ${path()}`)).toMatchObject(notFound)
})

test('an invite previews only the group, and joins it', async () => {
  await owner.call(`PATCH /v1/conversations/${group.id}`, { description: 'Every Monday' })
  await owner.say(group.id, 'a secret')
  const code = await made()
  const shown = {
    code,
    title: 'Book club',
    description: 'Every Monday',
    avatarUrl: null,
    participantCount: 3,
    conversationId: null,
  }
  expect(await preview(guest, code)).toMatchObject({ status: 200, body: shown })
  expect((await preview(guest, code)).body).toEqual(shown)

  const { status, body } = await join(guest, code)
  expect(status).toBe(200)
  expect(body).toMatchObject({
    id: group.id,
    participantCount: 4,
    lastMessage: null,
    me: { role: 'member', unreadCount: 0 },
  })
  expect((await preview(guest, code)).body).toEqual({
    ...shown,
    participantCount: 4,
    conversationId: group.id,
  })
  const { body: events } = await owner.call<{ items: ConversationEvent[] }>(
    `GET /v1/conversations/${group.id}/events?after=${body.version - 2}`,
  )
  expect(events.items).toMatchObject([
    {
      type: 'message.created',
      data: { message: { senderId: guest.id, system: { type: 'participant.joined' } } },
    },
    { type: 'participant.added', actorId: guest.id, data: { participant: { userId: guest.id } } },
  ])
})

test('for a participant an invite changes nothing and counts no use', async () => {
  const code = await made({ maxUses: 1 })
  expect((await join(member, code)).status).toBe(200)
  expect((await list()).items).toMatchObject([{ uses: 0 }])
  expect((await join(guest, code)).status).toBe(200)
  expect((await list()).items).toEqual([])
  const again = await join(guest, code)
  expect(again).toMatchObject({ status: 200, body: { participantCount: 4 } })
})

test('an expired, used up or revoked invite is gone; an unknown one is not_found', async () => {
  const [usedUp, expired, revoked, kept] = [
    await made({ maxUses: 1 }),
    await made({ expiresAt: '2030-01-01T00:00:00Z' }),
    await made(),
    await made(),
  ]
  await join(await messages.join('First'), usedUp)
  await messages.node.ctx.pool.query(`UPDATE invites SET expires_at = now() WHERE code = $1`, [expired])
  expect(await member.call(`DELETE ${path()}/${revoked}`)).toMatchObject({ status: 403 })
  for (let times = 0; times < 2; times += 1)
    expect((await admin.call(`DELETE ${path()}/${revoked}`)).status).toBe(204)

  for (const code of [usedUp, expired, revoked]) {
    expect(await preview(guest, code)).toMatchObject(gone)
    expect(await guest.call(`GET /v1/invites/${code}/avatar`)).toMatchObject(gone)
    expect(await join(guest, code)).toMatchObject(gone)
  }
  expect((await list()).items.map(({ code }) => code)).toEqual([kept])
  expect(await preview(guest, 'never-was')).toMatchObject(notFound)
  expect(await join(guest, 'never-was')).toMatchObject(notFound)
  expect(await guest.call('GET /v1/invites/never-was/avatar')).toMatchObject(notFound)
  expect((await preview(guest, 'a%20b')).status).toBe(400)
  expect(await owner.call(`DELETE ${path()}/never-was`)).toMatchObject(notFound)
  expect((await guest.call(`GET /v1/conversations/${group.id}`)).status).toBe(404)
})

test('an invite of another group cannot be revoked', async () => {
  const other = await messages.group(guest, [owner])
  const { body } = await guest.call<Invite>(`POST /v1/conversations/${other.id}/invites`)
  expect(await owner.call(`DELETE ${path()}/${body.code}`)).toMatchObject(notFound)
  expect(await owner.call(`DELETE /v1/conversations/${other.id}/invites/${body.code}`)).toMatchObject({
    status: 403,
  })
  expect((await preview(admin, body.code)).status).toBe(200)
})

test('all invites of a group are revoked at once', async () => {
  const codes = [await made(), await made()]
  expect((await member.call(`DELETE ${path()}`)).status).toBe(403)
  expect((await guest.call(`DELETE ${path()}`)).status).toBe(404)
  expect((await owner.call(`DELETE ${path()}`)).status).toBe(204)
  for (const code of codes) expect(await join(guest, code)).toMatchObject(gone)
  expect((await list()).items).toEqual([])
})

test('an invite needs an expiry in the future and at least one use', async () => {
  const past = await invite(owner, { expiresAt: '2020-01-01T00:00:00Z' })
  expect(past).toMatchObject({ status: 400, body: { errors: [{ path: 'body.expiresAt' }] } })
  const wrong = await invite(owner, { maxUses: 0, expiresAt: 'tomorrow' })
  expect(wrong.body.errors?.map((error) => error.path)).toEqual(['body.maxUses', 'body.expiresAt'])
})

test('of a hundred concurrent joins on two nodes by an invite for ten, ten succeed', async () => {
  const code = await made({ maxUses: 10 })
  const people = await messages.joinAll(100)
  const replies = await Promise.all(people.map((person, i) => join(person, code, messages.nodes[i % 2])))
  expect(replies.filter(({ status }) => status === 200)).toHaveLength(10)
  expect(replies.filter(({ status }) => status === 410)).toHaveLength(90)
  expect(await owner.chat(group.id)).toMatchObject({ participantCount: 13 })
})

test('joining twice concurrently adds once and counts one use', async () => {
  const code = await made({ maxUses: 5 })
  const replies = await Promise.all([0, 1, 0, 1].map((i) => join(guest, code, messages.nodes[i])))
  expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200])
  expect(await owner.chat(group.id)).toMatchObject({ participantCount: 4 })
  expect((await list()).items).toMatchObject([{ uses: 1 }])
})

test('revoking and joining concurrently has one outcome', async () => {
  for (let round = 0; round < 5; round += 1) {
    const code = await made()
    const person = await messages.join()
    const [joined] = await Promise.all([
      join(person, code, messages.nodes[0]),
      owner.call(`DELETE ${path()}`, undefined, messages.nodes[1]),
    ])
    const isIn = (await person.call(`GET /v1/conversations/${group.id}`)).status === 200
    expect(joined.status).toBe(isIn ? 200 : 410)
  }
})

test('a full group cannot be joined', async () => {
  const code = await made()
  const { pool } = messages.node.ctx
  await pool.query('UPDATE conversations SET participant_count = 1000 WHERE id = $1', [group.id])
  expect(await join(guest, code)).toMatchObject({ status: 409, body: { code: 'conflict' } })
  expect((await list()).items).toMatchObject([{ uses: 0 }])
})

const removed = { status: 403, body: { code: 'removed_from_group' } }
const participants = () => `/v1/conversations/${group.id}/participants`

test('a removed person cannot return by an invite, only by an admin', async () => {
  await owner.call(`PATCH /v1/conversations/${group.id}`, { sharesHistory: true })
  const code = await made()
  await admin.call(`DELETE ${participants()}/${member.id}`)
  const later = await made()
  for (const one of [code, later]) {
    expect(await join(member, one)).toMatchObject(removed)
    expect(await preview(member, one)).toMatchObject(removed)
    expect(await member.call(`GET /v1/invites/${one}/avatar`)).toMatchObject(removed)
  }
  expect((await list()).items).toMatchObject([{ uses: 0 }, { uses: 0 }])
  expect((await member.call(`GET /v1/conversations/${group.id}`)).status).toBe(404)

  await owner.say(group.id, 'said meanwhile')
  expect((await owner.call(`POST ${participants()}`, { userIds: [member.id] })).status).toBe(200)
  expect(await member.chat(group.id)).toMatchObject({ me: { role: 'member' } })
  expect((await join(member, code)).status).toBe(200)
})

test('a person who left returns by an invite', async () => {
  const code = await made()
  await member.call(`DELETE ${participants()}/${member.id}`)
  expect((await join(member, code)).status).toBe(200)
})

/** The writes of a previous version for a removal: without `was_removed`, and invites stay. */
async function endAsBefore(by: Person, { id }: Person): Promise<void> {
  const client = await messages.node.ctx.pool.connect()
  try {
    await client.query('BEGIN')
    const { rows } = await client.query<{ version: number }>(
      'UPDATE conversations SET version = version + 1, participant_count = participant_count - 1 WHERE id = $1 RETURNING version',
      [group.id],
    )
    const version = rows[0]?.version
    await client.query(
      'UPDATE participants SET left_version = $3, draft = NULL WHERE conversation_id = $1 AND user_id = $2',
      [group.id, id, version],
    )
    const event = {
      conversationId: group.id,
      version,
      type: 'participant.removed',
      actorId: by.id,
      data: { userId: id },
    }
    await client.query(
      'INSERT INTO conversation_events (conversation_id, version, payload) VALUES ($1, $2, $3)',
      [group.id, version, JSON.stringify(event)],
    )
    await client.query('COMMIT')
  } finally {
    client.release()
  }
}

/** The writes of a previous version for a return. */
async function comeAsBefore({ id }: Person): Promise<void> {
  const { pool } = messages.node.ctx
  await pool.query('UPDATE conversations SET participant_count = participant_count + 1 WHERE id = $1', [
    group.id,
  ])
  await pool.query(
    'UPDATE participants SET left_version = NULL, draft = NULL WHERE conversation_id = $1 AND user_id = $2',
    [group.id, id],
  )
}

test('the same holds for a removal by a node of the previous version, which also revokes invites', async () => {
  const code = await made()
  const { code: own } = (await invite(admin)).body
  await endAsBefore(owner, admin)
  await endAsBefore(owner, member)
  expect(await join(admin, code)).toMatchObject(removed)
  expect(await join(member, code)).toMatchObject(removed)
  expect(await join(guest, own)).toMatchObject(gone)

  // After an admin on that node adds them again, they may leave and return.
  await comeAsBefore(member)
  await endAsBefore(member, member)
  expect((await join(member, code)).status).toBe(200)
})

test('losing the role revokes the invites of that person', async () => {
  const other = await messages.join('Other admin')
  await owner.call(`POST ${participants()}`, { userIds: [other.id] })
  await owner.call(`PATCH ${participants()}/${other.id}`, { role: 'admin' })
  const ofAdmin = (await invite(admin)).body.code
  const ofOther = (await invite(other)).body.code
  const kept = await made()
  await owner.call(`DELETE ${participants()}/${admin.id}`)
  expect(await join(guest, ofAdmin)).toMatchObject(gone)
  await owner.call(`PATCH ${participants()}/${other.id}`, { role: 'member' })
  expect(await join(guest, ofOther)).toMatchObject(gone)
  expect((await list()).items.map(({ code }) => code)).toEqual([kept])
  await owner.call(`PATCH ${participants()}/${other.id}`, { role: 'admin' })
  expect(await join(guest, ofOther)).toMatchObject(gone)
})

test('deleting an account revokes its invites', async () => {
  const code = (await invite(admin)).body.code
  await messages.usersService.deleteUser(admin.id, 2)
  await eventually(async () => expect(await preview(guest, code)).toMatchObject(gone))
  expect(await join(guest, code)).toMatchObject(gone)
})

test('an invite to an empty group is gone', async () => {
  const alone = await messages.group(owner)
  const { body } = await owner.call<Invite>(`POST /v1/conversations/${alone.id}/invites`)
  await owner.call(`DELETE /v1/conversations/${alone.id}/participants/${owner.id}`)
  expect(await join(guest, body.code)).toMatchObject(gone)
})

test('a direct conversation has no invites', async () => {
  const chat = await messages.direct(owner, guest)
  expect(await owner.call(`POST /v1/conversations/${chat.id}/invites`)).toMatchObject({ status: 403 })
})

test('a group has at most a hundred usable invites, listed in pages', async () => {
  await Promise.all(Array.from({ length: 100 }, () => made()))
  expect(await invite(owner)).toMatchObject({ status: 409, body: { code: 'conflict' } })
  const seen: string[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: Awaited<ReturnType<typeof list>> = await list(
      `?limit=30${cursor === '' ? '' : `&cursor=${cursor}`}`,
    )
    seen.push(...page.items.map(({ code }) => code))
    cursor = page.nextCursor
  }
  expect(new Set(seen).size).toBe(100)
  expect(seen).toHaveLength(100)
  const forged = Buffer.from('[1]').toString('base64url')
  expect((await owner.call(`GET ${path()}?cursor=${forged}`)).status).toBe(400)

  await owner.call(`DELETE ${path()}/${seen[0]}`)
  expect((await invite(owner)).status).toBe(201)
})
