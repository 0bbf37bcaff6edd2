import { deafReason, streamNames } from '@finnigram/contracts'
import { eventually } from '@finnigram/service-kit/testing'
import { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { type Environment, startEnvironment } from './fixture/start-environment.ts'
import { newWho } from './fixture/start-fake-users.ts'
import { toParticipant } from './fixture/to-participant.ts'

/** Empties the streams, as a lost Redis would. */
async function emptyStreams({ redis }: Environment) {
  const client = new Redis(redis.url)
  await client.del(...streamNames('messages'))
  client.disconnect()
}

test('when the streams were emptied every client is told to sync, and delivery goes on', async () => {
  await using environment = await startEnvironment({ nodes: 2 })
  const [anna, ben] = [newWho(), newWho()]
  const chat = environment.fakeMessages.conversationOf(anna.userId, ben.userId)
  const devices = [await environment.enter(anna, 0), await environment.enter(ben, 1)]
  await environment.fakeMessages.say(chat, 'before')
  for (const device of devices) await eventually(() => expect(device.texts()).toEqual(['before']))

  await emptyStreams(environment)
  for (const device of devices) expect((await device.hears('resync')).reason).not.toBe('')
  await environment.fakeMessages.say(chat, 'after')

  for (const device of devices) await eventually(() => expect(device.texts()).toEqual(['before', 'after']))
})

test('someone whose removal was missed hears nothing more', async () => {
  await using environment = await startEnvironment()
  const [anna, ben] = [newWho(), newWho()]
  const chat = environment.fakeMessages.conversationOf(anna.userId, ben.userId)
  const annas = await environment.enter(anna)
  const bens = await environment.enter(ben)
  await environment.fakeMessages.say(chat, 'before')
  await bens.hears('events')

  environment.fakeMessages.members.get(chat)?.delete(ben.userId)
  await emptyStreams(environment)
  await bens.hears('resync')
  await environment.fakeMessages.say(chat, 'without ben')

  await eventually(() => expect(annas.texts()).toEqual(['before', 'without ben']))
  expect(bens.texts()).toEqual(['before'])
})

test('Redis may go and come back: clients stay, are told to sync, and hear what follows', async () => {
  await using environment = await startEnvironment({ nodes: 2 })
  const [anna, ben] = [newWho(), newWho()]
  const chat = environment.fakeMessages.conversationOf(anna.userId, ben.userId)
  const devices = [await environment.enter(anna, 0), await environment.enter(ben, 1)]
  await environment.fakeMessages.say(chat, 'before')
  for (const device of devices) await eventually(() => expect(device.texts()).toEqual(['before']))

  await environment.redis.stop()
  expect(await devices[0]?.ask('typing', { conversationId: chat, active: true })).toEqual({ ok: true })
  await environment.redis.start()

  for (const device of devices) {
    await eventually(() => expect(device.heard('resync')).not.toEqual([]), { within: 15_000 })
  }
  for (const device of devices) {
    // While a socket joins anew it hears nothing, and is told to sync after that.
    await eventually(async () => {
      await environment.fakeMessages.say(chat, 'after')
      expect(device.texts()).toContain('after')
    })
    expect(device.endedBy()).toBeUndefined()
  }
})

test('for as long as Redis is away every client is told to sync now and then, for it hears nothing', async () => {
  await using environment = await startEnvironment({ nodes: 2 })
  const devices = [await environment.enter(newWho(), 0), await environment.enter(newWho(), 1)]
  await environment.redis.stop()
  for (const device of devices) {
    await eventually(() => expect(device.heard('resync').length).toBeGreaterThan(1), { within: 35_000 })
    expect(device.heard('resync').every(({ reason }) => reason === deafReason)).toBe(true)
    expect(device.endedBy()).toBeUndefined()
  }

  await environment.redis.start()
  for (const device of devices)
    await eventually(() => expect(device.heard('resync').at(-1)?.reason).not.toBe(deafReason))
}, 60_000)

test('a node that starts without Redis lets people in, and tells them to sync once it hears', async () => {
  await using environment = await startEnvironment({ nodes: 0 })
  await environment.redis.stop()
  await environment.startNode()
  const anna = newWho()
  const chat = environment.fakeMessages.conversationOf(anna.userId)
  const annas = await environment.enter(anna)

  await environment.redis.start()
  await eventually(() =>
    expect(annas.heard('resync').map(({ reason }) => reason)).toContain('This node begins to listen'),
  )
  await eventually(() => environment.fakeMessages.say(chat, 'hello'))
  await eventually(() => expect(annas.texts()).toContain('hello'))
})

test('a gap in one conversation makes those who hear it join anew: who was removed meanwhile hears no more', async () => {
  await using environment = await startEnvironment()
  const [anna, ben] = [newWho(), newWho()]
  const chat = environment.fakeMessages.conversationOf(anna.userId, ben.userId)
  const [annas, bens] = [await environment.enter(anna), await environment.enter(ben)]
  const { version } = await environment.fakeMessages.say(chat, 'before')
  for (const device of [annas, bens]) await eventually(() => expect(device.texts()).toEqual(['before']))

  environment.fakeMessages.members.get(chat)?.delete(ben.userId)
  const next = await environment.fakeMessages.say(chat, 'told twice')
  await environment.fakeMessages.publish({ ...next, version: version + 5 })
  await annas.hears('resync')
  await bens.hears('resync')
  await environment.fakeMessages.publish({ ...next, version: version + 6 })
  await eventually(() => expect(annas.facts().at(-1)?.version).toBe(version + 6))
  expect(bens.facts().at(-1)?.version).toBe(version + 1)
})

test('an arrival that is told late joins nobody who was removed since', async () => {
  await using environment = await startEnvironment()
  const [anna, ben] = [newWho(), newWho()]
  const chat = environment.fakeMessages.conversationOf(anna.userId)
  const [annas, bens] = [await environment.enter(anna), await environment.enter(ben)]
  await environment.fakeMessages.publish({
    type: 'participant.added',
    conversationId: chat,
    version: 2,
    at: new Date(Date.now() - 60_000).toISOString(),
    actorId: anna.userId,
    data: { participant: toParticipant(ben.userId) },
  })
  await bens.hears('resync')
  await environment.fakeMessages.publish({ ...(await environment.fakeMessages.say(chat, 'old')), version: 3 })
  await eventually(() => expect(annas.facts().length).toBeGreaterThan(1))
  expect(bens.facts()).toEqual([])
})

test('another Redis that has taken over makes every client sync', async () => {
  await using environment = await startEnvironment()
  const anna = await environment.enter(newWho())
  const client = new Redis(environment.redis.url)
  await client.replicaof('127.0.0.1', 1)
  await client.replicaof('NO', 'ONE')
  client.disconnect()
  expect((await anna.hears('resync')).reason).toBe('Another Redis has taken over')
})
