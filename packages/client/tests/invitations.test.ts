import { expect, test } from 'vitest'
import type { Room } from './small-server/room.ts'
import { startSmallServer } from './small-server/start-small-server.ts'
import { eventually, idOf, isOnline, signUp, startDevice } from './start-device.ts'

async function aQuestion() {
  const server = await startSmallServer()
  const ada = await signUp(server.url, 'ada')
  const grace = server.world.addPerson('grace')
  const room = server.world.addRoom('group', grace.id, [], { title: 'Climbing' })
  const ids = () => ada.client.invitations.list().map(({ id }) => id)
  return {
    server,
    world: server.world,
    ada,
    grace,
    room,
    ids,
    async [Symbol.asyncDispose]() {
      await ada.client.stop()
      await server[Symbol.asyncDispose]()
    },
  }
}

test('an invitation arrives live, with who asks, and is no conversation', async () => {
  await using all = await aQuestion()
  const { world, ada, grace, room } = all
  world.invite(room, grace.id, idOf(ada))
  const shown = { id: room.id, title: 'Climbing', participantCount: 1, invitedBy: grace.id }
  await eventually(() => ada.client.invitations.get(room.id)?.inviter?.displayName, 'grace')
  expect(ada.client.invitations.list()).toMatchObject([shown])
  expect(ada.client.conversations.get(room.id)).toBeUndefined()
})

test('one that came or ended while the device was away is known after the next sync, and survives a restart', async () => {
  await using all = await aQuestion()
  const { server, world, ada, grace, room, ids } = all
  const other = world.addRoom('group', grace.id, [], { title: 'Chess' })
  ada.network.set({ online: false })
  world.invite(room, grace.id, idOf(ada))
  world.invite(other, grace.id, idOf(ada))
  ada.network.set({ online: true })
  await eventually(ids, [room.id, other.id])
  await ada.client.stop()

  world.endInvitation(other, idOf(ada))
  server.faultOf = () => 'lost'
  const again = startDevice(server.url, ada)
  await eventually(() => again.client.invitations.list().length, 2)
  server.faultOf = () => undefined
  await isOnline(again)
  await eventually(() => again.client.invitations.list().map(({ id }) => id), [room.id])
  await again.client.stop()
})

test('who accepts has the conversation and no question any more; another device of theirs, too', async () => {
  await using all = await aQuestion()
  const { world, ada, grace, room, ids } = all
  world.invite(room, grace.id, idOf(ada))
  await eventually(ids, [room.id])
  const joined = await ada.client.invitations.accept(room.id)
  expect(joined).toMatchObject({ id: room.id, displayTitle: 'Climbing', participantCount: 2 })
  expect(ids()).toEqual([])
  await expect(ada.client.invitations.accept(room.id)).rejects.toMatchObject({ code: 'not_found' })
})

test('who declines is asked no more; without a network the question stays and the call says why', async () => {
  await using all = await aQuestion()
  const { server, world, ada, grace, room, ids } = all
  world.invite(room, grace.id, idOf(ada))
  await eventually(ids, [room.id])
  server.faultOf = (path) => (path.includes('/participants/') ? 'lost' : undefined)
  await expect(ada.client.invitations.decline(room.id)).rejects.toMatchObject({ name: 'NetworkProblem' })
  expect(ids()).toEqual([room.id])
  server.faultOf = () => undefined
  await ada.client.invitations.decline(room.id)
  expect(ids()).toEqual([])
})

test('thousands of conversations are synced in pages that fit, and nothing is lost between them', async () => {
  await using server = await startSmallServer()
  const ada = await signUp(server.url, 'ada')
  const { world } = server
  const me = idOf(ada)
  ada.network.set({ online: false })
  const rooms = Array.from({ length: 4100 }, (_, i) =>
    world.addRoom('group', me, [], { title: `Group ${i}` }),
  )
  ada.network.set({ online: true })
  await isOnline(ada)
  expect(ada.client.conversations.list()).toHaveLength(4100)

  ada.network.set({ online: false })
  world.syncSizes.length = 0
  const [first, middle, last] = [0, 2050, 4099].map((at) => rooms[at]) as [Room, Room, Room]
  for (const room of [first, middle, last]) world.send(room, me, { id: crypto.randomUUID(), text: 'hello' })
  world.remove(rooms[1] as Room, me, me)
  const added = world.addRoom('group', me, [], { title: 'New' })
  ada.network.set({ online: true })
  await isOnline(ada)
  expect(ada.client.conversations.list()).toHaveLength(4100)
  expect(ada.client.conversations.get(added.id)).toBeDefined()
  for (const room of [first, middle, last]) expect(ada.client.conversations.get(room.id)?.lastSeq).toBe(1)
  expect(world.syncSizes.slice(0, 3)).toEqual([2000, 2000, 100])
  await ada.client.stop()
})
