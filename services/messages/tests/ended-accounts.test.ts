import { type Conversation, type ConversationEvent, newId } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { sweepFiles } from '../src/attachments/removal/sweep-files.ts'
import { endWholeAccount } from './fixture/end-account.ts'
import { type Person, startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'
import { attach, beginUpload } from './fixture/upload.ts'

let messages: TestMessages
let ada: Person
let bob: Person
let carol: Person
let group: Conversation
beforeAll(async () => {
  messages = await startTestMessages({ count: 2 })
})
afterAll(() => messages[Symbol.asyncDispose]())
beforeEach(async () => {
  ada = await messages.join('Ada')
  bob = await messages.join('Bob')
  carol = await messages.join('Carol')
  group = await messages.group(ada, [bob, carol])
})

const setRole = (whom: Person, role: string) =>
  ada.call(`PATCH /v1/conversations/${group.id}/participants/${whom.id}`, { role })
const rolesOf = async (viewer: Person) =>
  Object.fromEntries((await viewer.chat(group.id)).participants.map(({ userId, role }) => [userId, role]))
const eventsAfter = async (viewer: Person, version: number) => {
  const request = `GET /v1/conversations/${group.id}/events?after=${version}`
  return (await viewer.call<{ items: ConversationEvent[] }>(request)).body.items
}
const isGone = (viewer: Person, whom: Person) =>
  eventually(async () => expect(await rolesOf(viewer)).not.toHaveProperty(whom.id), { within: 15_000 })

test('a deleted account leaves its groups, and the senior admin becomes owner', async () => {
  await setRole(carol, 'admin')
  await messages.usersService.deleteUser(ada.id, 2)
  await isGone(bob, ada)
  expect(await rolesOf(bob)).toEqual({ [bob.id]: 'member', [carol.id]: 'owner' })
  expect(await bob.chat(group.id)).toMatchObject({ participantCount: 2 })
  expect(await eventsAfter(bob, 3)).toMatchObject([
    { type: 'participant.role_changed', actorId: ada.id, data: { userId: carol.id, role: 'owner' } },
    { type: 'message.created', data: { message: { system: { type: 'participant.role_changed' } } } },
    { type: 'participant.removed', data: { userId: ada.id } },
    { type: 'message.created', data: { message: { system: { type: 'participant.left' } } } },
  ])
})

test('without an admin the senior member becomes owner; with another owner nothing changes', async () => {
  const late = await messages.join('Late')
  await ada.call(`DELETE /v1/conversations/${group.id}/participants/${bob.id}`)
  await ada.call(`POST /v1/conversations/${group.id}/participants`, { userIds: [bob.id] })
  await ada.call(`POST /v1/conversations/${group.id}/participants`, { userIds: [late.id] })
  await messages.usersService.deleteUser(ada.id, 2)
  await isGone(bob, ada)
  expect(await rolesOf(bob)).toEqual({ [bob.id]: 'member', [carol.id]: 'owner', [late.id]: 'member' })

  await carol.call(`PATCH /v1/conversations/${group.id}/participants/${bob.id}`, { role: 'owner' })
  await messages.usersService.deleteUser(bob.id, 2)
  await isGone(carol, bob)
  expect(await rolesOf(carol)).toEqual({ [carol.id]: 'owner', [late.id]: 'member' })
})

test('the job runs once, however often and on however many nodes the event arrives', async () => {
  const { version } = await bob.chat(group.id)
  await Promise.all(messages.nodes.map(({ ctx }) => endWholeAccount(ctx, ada.id)))
  await Promise.all(messages.nodes.map(({ ctx }) => endWholeAccount(ctx, ada.id)))
  const events = await eventsAfter(bob, version)
  expect(events.filter(({ type }) => type === 'participant.removed')).toHaveLength(1)
  expect(await bob.chat(group.id)).toMatchObject({ participantCount: 2 })
})

test('direct conversations stay, and personal rows are deleted', async () => {
  const chat = await messages.direct(ada, bob)
  const said = await bob.say(chat.id, 'hello')
  await ada.call(`PATCH /v1/conversations/${chat.id}/me`, { draft: 'my secret' })
  const { pool } = messages.node.ctx
  await pool.query('INSERT INTO stars (user_id, message_id, conversation_id) VALUES ($1, $2, $3)', [
    ada.id,
    said.id,
    chat.id,
  ])
  await messages.usersService.block(carol.id, ada.id)
  await messages.usersService.deleteUser(ada.id, 2)
  await isGone(bob, ada)
  await eventually(async () => {
    const { rows } = await pool.query(
      `SELECT 1 FROM participants WHERE user_id = $1 AND draft IS NOT NULL
UNION ALL SELECT 1 FROM stars WHERE user_id = $1 UNION ALL SELECT 1 FROM blocks WHERE blocked_id = $1`,
      [ada.id],
    )
    expect(rows).toEqual([])
  })
  expect(await bob.chat(chat.id)).toMatchObject({ participantCount: 2 })
})

test('no event keeps the profile, however often the person joined', async () => {
  const chat = await messages.direct(ada, bob)
  await ada.call(`DELETE /v1/conversations/${group.id}/participants/${bob.id}`)
  await ada.call(`POST /v1/conversations/${group.id}/participants`, { userIds: [bob.id] })
  await ada.call(`DELETE /v1/conversations/${group.id}/participants/${bob.id}`)
  await ada.call(`POST /v1/conversations/${group.id}/participants`, { userIds: [bob.id] })
  await messages.usersService.deleteUser(bob.id, 2)
  await isGone(ada, bob)
  await eventually(async () => {
    const { rows } = await messages.node.ctx.pool.query<{ payload: string }>(
      'SELECT payload FROM conversation_events WHERE conversation_id = ANY($1)',
      [[chat.id, group.id]],
    )
    expect(rows.length).toBeGreaterThan(8)
    expect(rows.filter(({ payload }) => payload.includes(bob.user.username))).toEqual([])
    expect(rows.filter(({ payload }) => payload.includes(carol.user.username))).toHaveLength(1)
  })
})

test('profiles of accounts that end concurrently are all erased', async () => {
  for (let round = 0; round < 5; round += 1) {
    const founders = await messages.joinAll(4)
    const [owner, ...leavers] = founders
    if (!owner) throw new Error('Nobody came')
    const chat = await messages.group(owner, leavers)
    await Promise.all(leavers.map(({ id }) => messages.usersService.deleteUser(id, 2)))
    await eventually(async () => expect(await owner.chat(chat.id)).toMatchObject({ participantCount: 1 }))
    await eventually(async () => {
      const { rows } = await messages.node.ctx.pool.query<{ payload: string }>(
        'SELECT payload FROM conversation_events WHERE conversation_id = $1',
        [chat.id],
      )
      for (const { user } of leavers)
        expect(rows.filter(({ payload }) => payload.includes(user.username))).toEqual([])
    })
  }
})

test('unsent uploads are deleted with the account; sent attachments stay', async () => {
  const chat = await messages.direct(ada, bob)
  const [sent, unsent] = [
    await attach(messages.node, ada, { bytes: Buffer.from('sent'), name: 'sent.txt' }),
    await attach(messages.node, ada, { bytes: Buffer.from('unsent'), name: 'unsent.txt' }),
  ]
  await beginUpload(messages.node, ada, { length: 100, name: 'half.txt' })
  await ada.call(`POST /v1/conversations/${chat.id}/messages`, { id: newId(), attachmentIds: [sent.id] })
  const { ctx } = messages.node
  await messages.usersService.deleteUser(ada.id, 2)
  await eventually(async () => {
    const { rows } = await ctx.pool.query('SELECT id FROM attachments WHERE owner_id = $1', [ada.id])
    expect(rows).toEqual([{ id: sent.id }])
  })
  await sweepFiles(ctx)
  expect((await ctx.pool.query('SELECT 1 FROM uploads WHERE owner_id = $1', [ada.id])).rows).toEqual([])
  expect((await bob.call(`GET /v1/attachments/${sent.id}/info`)).status).toBe(200)
  expect((await bob.call(`GET /v1/attachments/${unsent.id}/info`)).status).toBe(404)
})

test('a missed account deletion is found when the profile copy is rebuilt', async () => {
  await messages.redis.stop()
  await messages.usersService.deleteUser(ada.id, 2, { isPublished: false })
  await messages.redis.start()
  await isGone(bob, ada)
  expect(await rolesOf(bob)).toMatchObject({ [bob.id]: expect.any(String), [carol.id]: expect.any(String) })
})

test('an account that ends concurrently is not added', async () => {
  for (let round = 0; round < 5; round += 1) {
    const [leaver, ...others] = await messages.joinAll(3)
    if (!leaver) throw new Error('Nobody came')
    const [reply] = await Promise.all([
      ada.call(
        `POST /v1/conversations/${group.id}/participants`,
        { userIds: [leaver, ...others].map(({ id }) => id) },
        messages.nodes[round % 2],
      ),
      messages.usersService.deleteUser(leaver.id, 2),
    ])
    expect([200, 400, 409]).toContain(reply.status)
    await eventually(async () => {
      const replica = messages.node.ctx.prisma.userReplica
      expect(await replica.findUnique({ where: { id: leaver.id } })).toMatchObject({ deleted: true })
      expect(await rolesOf(ada)).not.toHaveProperty(leaver.id)
    })
    const { participants, participantCount } = await ada.chat(group.id)
    expect(participants).toHaveLength(participantCount)
  }
})
