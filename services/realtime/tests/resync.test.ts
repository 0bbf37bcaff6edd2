import { deafReason, streamNames } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { newWho } from './fixture/start-issuer.ts'
import { startWorld, type World } from './fixture/start-world.ts'
import { toParticipant } from './fixture/to-participant.ts'

/** Empties the streams, as a lost Redis would. */
async function emptyStreams({ redis }: World) {
  const client = new Redis(redis.url)
  await client.del(...streamNames('messages'))
  client.disconnect()
}

test('when the streams were emptied every client is told to sync, and delivery goes on', async () => {
  await using world = await startWorld({ nodes: 2 })
  const [anna, ben] = [newWho(), newWho()]
  const chat = world.archive.conversationOf(anna.userId, ben.userId)
  const devices = [await world.enter(anna, 0), await world.enter(ben, 1)]
  await world.archive.say(chat, 'before')
  for (const device of devices) await eventually(() => expect(device.texts()).toEqual(['before']))

  await emptyStreams(world)
  for (const device of devices) expect((await device.hears('resync')).reason).not.toBe('')
  await world.archive.say(chat, 'after')

  for (const device of devices) await eventually(() => expect(device.texts()).toEqual(['before', 'after']))
})

test('someone whose removal was missed hears nothing more', async () => {
  await using world = await startWorld()
  const [anna, ben] = [newWho(), newWho()]
  const chat = world.archive.conversationOf(anna.userId, ben.userId)
  const annas = await world.enter(anna)
  const bens = await world.enter(ben)
  await world.archive.say(chat, 'before')
  await bens.hears('events')

  world.archive.members.get(chat)?.delete(ben.userId)
  await emptyStreams(world)
  await bens.hears('resync')
  await world.archive.say(chat, 'without ben')

  await eventually(() => expect(annas.texts()).toEqual(['before', 'without ben']))
  expect(bens.texts()).toEqual(['before'])
})

test('Redis may go and come back: clients stay, are told to sync, and hear what follows', async () => {
  await using world = await startWorld({ nodes: 2 })
  const [anna, ben] = [newWho(), newWho()]
  const chat = world.archive.conversationOf(anna.userId, ben.userId)
  const devices = [await world.enter(anna, 0), await world.enter(ben, 1)]
  await world.archive.say(chat, 'before')
  for (const device of devices) await eventually(() => expect(device.texts()).toEqual(['before']))

  await world.redis.stop()
  expect(await devices[0]?.ask('typing', { conversationId: chat, active: true })).toEqual({ ok: true })
  await world.redis.start()

  for (const device of devices) {
    await eventually(() => expect(device.heard('resync')).not.toEqual([]), { within: 15_000 })
  }
  for (const device of devices) {
    // While a socket joins anew it hears nothing, and is told to sync after that.
    await eventually(async () => {
      await world.archive.say(chat, 'after')
      expect(device.texts()).toContain('after')
    })
    expect(device.endedBy()).toBeUndefined()
  }
})

test('for as long as Redis is away every client is told to sync now and then, for it hears nothing', async () => {
  await using world = await startWorld({ nodes: 2 })
  const devices = [await world.enter(newWho(), 0), await world.enter(newWho(), 1)]
  await world.redis.stop()
  for (const device of devices) {
    await eventually(() => expect(device.heard('resync').length).toBeGreaterThan(1), { within: 35_000 })
    expect(device.heard('resync').every(({ reason }) => reason === deafReason)).toBe(true)
    expect(device.endedBy()).toBeUndefined()
  }

  await world.redis.start()
  for (const device of devices)
    await eventually(() => expect(device.heard('resync').at(-1)?.reason).not.toBe(deafReason))
}, 60_000)

test('a node that starts without Redis lets people in, and tells them to sync once it hears', async () => {
  await using world = await startWorld({ nodes: 0 })
  await world.redis.stop()
  await world.startNode()
  const anna = newWho()
  const chat = world.archive.conversationOf(anna.userId)
  const annas = await world.enter(anna)

  await world.redis.start()
  await eventually(() =>
    expect(annas.heard('resync').map(({ reason }) => reason)).toContain('This node begins to listen'),
  )
  await eventually(() => world.archive.say(chat, 'hello'))
  await eventually(() => expect(annas.texts()).toContain('hello'))
})

test('a gap in one conversation makes those who hear it join anew: who was removed meanwhile hears no more', async () => {
  await using world = await startWorld()
  const [anna, ben] = [newWho(), newWho()]
  const chat = world.archive.conversationOf(anna.userId, ben.userId)
  const [annas, bens] = [await world.enter(anna), await world.enter(ben)]
  const { version } = await world.archive.say(chat, 'before')
  for (const device of [annas, bens]) await eventually(() => expect(device.texts()).toEqual(['before']))

  world.archive.members.get(chat)?.delete(ben.userId)
  const next = await world.archive.say(chat, 'told twice')
  await world.archive.publish({ ...next, version: version + 5 })
  await annas.hears('resync')
  await bens.hears('resync')
  await world.archive.publish({ ...next, version: version + 6 })
  await eventually(() => expect(annas.facts().at(-1)?.version).toBe(version + 6))
  expect(bens.facts().at(-1)?.version).toBe(version + 1)
})

test('an arrival that is told late joins nobody who was removed since', async () => {
  await using world = await startWorld()
  const [anna, ben] = [newWho(), newWho()]
  const chat = world.archive.conversationOf(anna.userId)
  const [annas, bens] = [await world.enter(anna), await world.enter(ben)]
  await world.archive.publish({
    type: 'participant.added',
    conversationId: chat,
    version: 2,
    at: new Date(Date.now() - 60_000).toISOString(),
    actorId: anna.userId,
    data: { participant: toParticipant(ben.userId) },
  })
  await bens.hears('resync')
  await world.archive.publish({ ...(await world.archive.say(chat, 'old')), version: 3 })
  await eventually(() => expect(annas.facts().length).toBeGreaterThan(1))
  expect(bens.facts()).toEqual([])
})

test('another Redis that has taken over makes every client sync', async () => {
  await using world = await startWorld()
  const anna = await world.enter(newWho())
  const client = new Redis(world.redis.url)
  await client.replicaof('127.0.0.1', 1)
  await client.replicaof('NO', 'ONE')
  client.disconnect()
  expect((await anna.hears('resync')).reason).toBe('Another Redis has taken over')
})
