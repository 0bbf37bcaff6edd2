import { expect, test } from 'vitest'
import type { ConversationRecord } from './small-server/conversation-record.ts'
import { startTestServer } from './small-server/start-small-server.ts'
import { eventually, idOf, isOnline, signUp, startDevice } from './start-device.ts'

async function aQuestion() {
  const server = await startTestServer()
  const ada = await signUp(server.url, 'ada')
  const grace = server.state.addPerson('grace')
  const record = server.state.createConversation('group', grace.id, [], { title: 'Climbing' })
  const ids = () => ada.client.invitations.list().map(({ id }) => id)
  return {
    server,
    serverState: server.state,
    ada,
    grace,
    record,
    ids,
    async [Symbol.asyncDispose]() {
      await ada.client.stop()
      await server[Symbol.asyncDispose]()
    },
  }
}

test('an invitation arrives live, with its inviter, and is no conversation', async () => {
  await using all = await aQuestion()
  const { serverState, ada, grace, record } = all
  serverState.invite(record, grace.id, idOf(ada))
  const shown = { id: record.id, title: 'Climbing', participantCount: 1, invitedBy: grace.id }
  await eventually(() => ada.client.invitations.get(record.id)?.inviter?.displayName, 'grace')
  expect(ada.client.invitations.list()).toMatchObject([shown])
  expect(ada.client.conversations.get(record.id)).toBeUndefined()
})

test('one that came or ended while the device was away is known after the next sync, and survives a restart', async () => {
  await using all = await aQuestion()
  const { server, serverState, ada, grace, record, ids } = all
  const other = serverState.createConversation('group', grace.id, [], { title: 'Chess' })
  ada.network.set({ online: false })
  serverState.invite(record, grace.id, idOf(ada))
  serverState.invite(other, grace.id, idOf(ada))
  ada.network.set({ online: true })
  await eventually(ids, [record.id, other.id])
  await ada.client.stop()

  serverState.endInvitation(other, idOf(ada))
  server.faultOf = () => 'lost'
  const again = startDevice(server.url, ada)
  await eventually(() => again.client.invitations.list().length, 2)
  server.faultOf = () => undefined
  await isOnline(again)
  await eventually(() => again.client.invitations.list().map(({ id }) => id), [record.id])
  await again.client.stop()
})

test('accepting turns the invitation into a conversation, on other devices too', async () => {
  await using all = await aQuestion()
  const { serverState, ada, grace, record, ids } = all
  serverState.invite(record, grace.id, idOf(ada))
  await eventually(ids, [record.id])
  const joined = await ada.client.invitations.accept(record.id)
  expect(joined).toMatchObject({ id: record.id, displayTitle: 'Climbing', participantCount: 2 })
  expect(ids()).toEqual([])
  await expect(ada.client.invitations.accept(record.id)).rejects.toMatchObject({ code: 'not_found' })
})

test('declining removes the invitation; without a network it stays and the call says why', async () => {
  await using all = await aQuestion()
  const { server, serverState, ada, grace, record, ids } = all
  serverState.invite(record, grace.id, idOf(ada))
  await eventually(ids, [record.id])
  server.faultOf = (path) => (path.includes('/participants/') ? 'lost' : undefined)
  await expect(ada.client.invitations.decline(record.id)).rejects.toMatchObject({ name: 'NetworkProblem' })
  expect(ids()).toEqual([record.id])
  server.faultOf = () => undefined
  await ada.client.invitations.decline(record.id)
  expect(ids()).toEqual([])
})

test('thousands of conversations are synced in pages that fit, and nothing is lost between them', async () => {
  await using server = await startTestServer()
  const ada = await signUp(server.url, 'ada')
  const { state: serverState } = server
  const me = idOf(ada)
  ada.network.set({ online: false })
  const rooms = Array.from({ length: 4100 }, (_, i) =>
    serverState.createConversation('group', me, [], { title: `Group ${i}` }),
  )
  ada.network.set({ online: true })
  await isOnline(ada)
  expect(ada.client.conversations.list()).toHaveLength(4100)

  ada.network.set({ online: false })
  serverState.syncSizes.length = 0
  const [first, middle, last] = [0, 2050, 4099].map((at) => rooms[at]) as [
    ConversationRecord,
    ConversationRecord,
    ConversationRecord,
  ]
  for (const record of [first, middle, last])
    serverState.send(record, me, { id: crypto.randomUUID(), text: 'hello' })
  serverState.removeMember(rooms[1] as ConversationRecord, me, me)
  const added = serverState.createConversation('group', me, [], { title: 'New' })
  ada.network.set({ online: true })
  await isOnline(ada)
  expect(ada.client.conversations.list()).toHaveLength(4100)
  expect(ada.client.conversations.get(added.id)).toBeDefined()
  for (const record of [first, middle, last]) expect(ada.client.conversations.get(record.id)?.lastSeq).toBe(1)
  expect(serverState.syncSizes.slice(0, 3)).toEqual([2000, 2000, 100])
  await ada.client.stop()
})
