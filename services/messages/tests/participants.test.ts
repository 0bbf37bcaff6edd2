import type { Conversation, Participant } from '@finnigram/contracts'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { eventsAfter } from './fixture/message-calls.ts'
import { createGroupWithRoles, participantCalls } from './fixture/participant-calls.ts'
import { type Person, startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'

let messages: TestMessages
let owner: Person
let admin: Person
let member: Person
let outsider: Person
let group: Conversation

beforeAll(async () => {
  messages = await startTestMessages({ count: 2 })
})
afterAll(() => messages[Symbol.asyncDispose]())
beforeEach(async () => {
  ;({ owner, admin, member, outsider, group } = await createGroupWithRoles(messages))
})

const { path, setRole, remove, add } = participantCalls(() => group)

test('owners and admins add people; participants stay as they are', async () => {
  expect((await add(member, [outsider])).status).toBe(403)
  const { status, body } = await add(admin, [outsider, owner])

  expect(status).toBe(200)
  expect(body).toMatchObject({ participantCount: 4, version: 5 })
  const added = await eventsAfter(owner, group.id, 3)
  const system = { type: 'participants.added', userIds: [outsider.id], count: 1 }
  expect(added).toMatchObject([
    { type: 'message.created', data: { message: { kind: 'system', senderId: admin.id, system } } },
    {
      type: 'participant.added',
      version: 5,
      actorId: admin.id,
      data: { participant: { userId: outsider.id, role: 'member', user: outsider.user } },
    },
  ])
  expect(body.participants).toContainEqual(
    added[1]?.type === 'participant.added' && added[1].data.participant,
  )
  expect((await owner.chat(group.id)).me.role).toBe('owner')
  expect((await add(admin, [outsider])).body.version).toBe(5)
})

test('a direct conversation cannot be joined or left', async () => {
  const direct = await messages.direct(owner, member)
  const participants = `/v1/conversations/${direct.id}/participants`
  expect(await owner.call(`POST ${participants}`, { userIds: [outsider.id] })).toMatchObject({ status: 409 })
  expect(await owner.call(`DELETE ${participants}/${owner.id}`)).toMatchObject({ status: 403 })
  expect(await owner.call(`PATCH ${participants}/${member.id}`, { role: 'owner' })).toMatchObject({
    status: 403,
  })
})

test('unknown users cannot be added', async () => {
  const reply = await owner.call(`POST ${path()}`, {
    userIds: [outsider.id, '01890000-0000-7000-8000-000000000000'],
  })
  expect(reply).toMatchObject({ status: 400, body: { errors: [{ path: 'body.userIds.1' }] } })
  expect(await owner.chat(group.id)).toMatchObject({ participantCount: 3 })
})

test('only owners change roles', async () => {
  expect((await setRole(admin, member, 'admin')).status).toBe(403)
  expect((await setRole(member, member, 'owner')).status).toBe(403)
  expect((await setRole(owner, outsider, 'admin')).status).toBe(404)
  const reply = await setRole(owner, member, 'admin')
  expect(reply).toMatchObject({ status: 200, body: { userId: member.id, role: 'admin', user: member.user } })
  await setRole(owner, member, 'admin')
  const system = { type: 'participant.role_changed', userId: member.id, role: 'admin' }
  expect(await eventsAfter(owner, group.id, 3)).toMatchObject([
    { type: 'participant.role_changed', data: { userId: member.id, role: 'admin' } },
    { type: 'message.created', data: { message: { system } } },
  ])
})

test('owners remove anybody, admins remove members, members remove themselves', async () => {
  expect((await remove(member, admin)).status).toBe(403)
  expect((await remove(admin, owner)).status).toBe(403)
  expect((await remove(admin, admin)).status).toBe(204)
  expect((await remove(member, member)).status).toBe(204)
  await add(owner, [admin, member])
  for (const one of [admin, member]) await one.call(`POST /v1/conversations/${group.id}/accept`)
  await setRole(owner, admin, 'admin')
  expect((await remove(admin, member)).status).toBe(204)
  expect((await remove(owner, admin)).status).toBe(204)
  expect((await remove(owner, admin)).status).toBe(404)
  expect(await owner.chat(group.id)).toMatchObject({
    participantCount: 1,
    participants: [{ userId: owner.id }],
  })
})

test('the last owner must name another owner before leaving or changing role', async () => {
  const refused = { status: 409, body: { code: 'last_owner' } }
  expect(await remove(owner, owner)).toMatchObject(refused)
  expect(await setRole(owner, owner, 'member')).toMatchObject(refused)
  await setRole(owner, admin, 'owner')
  expect((await remove(owner, owner)).status).toBe(204)
  expect((await admin.chat(group.id)).me.role).toBe('owner')
})

test('the only participant may leave', async () => {
  const alone = await messages.group(owner)
  const reply = await owner.call(`DELETE /v1/conversations/${alone.id}/participants/${owner.id}`)
  expect(reply.status).toBe(204)
})

test('when the last two owners leave concurrently, one stays', async () => {
  for (let round = 0; round < 8; round += 1) {
    group = await messages.group(owner, [admin, member])
    await setRole(owner, admin, 'owner')
    const replies = await Promise.all([
      remove(owner, owner, messages.nodes[0]),
      round % 2
        ? remove(admin, admin, messages.nodes[1])
        : setRole(admin, admin, 'member', messages.nodes[1]),
    ])
    expect(replies.filter(({ status }) => status === 409)).toHaveLength(1)
    const { participants } = await member.chat(group.id)
    expect(participants.filter(({ role }) => role === 'owner')).toHaveLength(1)
  }
})

test('after every change, participants equal the state that the events build', async () => {
  await add(owner, [outsider])
  await setRole(owner, member, 'owner')
  await remove(member, admin)
  await remove(owner, owner)
  const people = new Map(group.participants.map((participant) => [participant.userId, participant]))
  for (const event of await eventsAfter(member, group.id, 1)) {
    if (event.type === 'participant.added') people.set(event.data.participant.userId, event.data.participant)
    if (event.type === 'participant.removed') people.delete(event.data.userId)
    if (event.type === 'participant.role_changed') {
      const participant = people.get(event.data.userId)
      if (participant) people.set(participant.userId, { ...participant, role: event.data.role })
    }
  }
  const { body } = await member.call<{ items: Participant[] }>(`GET ${path()}`)
  expect(body.items).toEqual([...people.values()].toSorted((a, b) => (a.userId < b.userId ? -1 : 1)))
})

test('adding and removing a person concurrently has one outcome and dense versions', async () => {
  for (let round = 0; round < 6; round += 1) {
    const replies = await Promise.all([
      remove(owner, member, messages.nodes[0]),
      admin.call(`POST ${path()}`, { userIds: [member.id] }, messages.nodes[1]),
      remove(admin, member, messages.nodes[1]),
    ])
    for (const { status } of replies) expect([200, 204, 404]).toContain(status)
    const events = await eventsAfter(owner, group.id, 0)
    expect(events.map(({ version }) => version)).toEqual(events.map((_, i) => i + 1))
    const chat = await owner.chat(group.id)
    expect(chat.participants).toHaveLength(chat.participantCount)
    const isInside = chat.participants.some(({ userId }) => userId === member.id)
    expect((await member.call(`GET /v1/conversations/${group.id}`)).status).toBe(isInside ? 200 : 404)
    await add(owner, [member])
  }
})
