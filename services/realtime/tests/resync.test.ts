import { busUnavailableReason, streamNames } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
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

test('after the streams were emptied every client gets a resync, and delivery continues', async () => {
  await using environment = await startEnvironment({ nodes: 2 })
  const [anna, ben] = [newWho(), newWho()]
  const chat = environment.fakeMessages.conversationOf(anna.userId, ben.userId)
  const devices = [await environment.connect(anna, 0), await environment.connect(ben, 1)]
  await environment.fakeMessages.say(chat, 'before')
  for (const device of devices) await eventually(() => expect(device.texts()).toEqual(['before']))

  await emptyStreams(environment)
  for (const device of devices) expect((await device.waitFor('resync')).reason).not.toBe('')
  await environment.fakeMessages.say(chat, 'after')

  for (const device of devices) await eventually(() => expect(device.texts()).toEqual(['before', 'after']))
})

test('a person whose removal was missed gets nothing more', async () => {
  await using environment = await startEnvironment()
  const [anna, ben] = [newWho(), newWho()]
  const chat = environment.fakeMessages.conversationOf(anna.userId, ben.userId)
  const annas = await environment.connect(anna)
  const bens = await environment.connect(ben)
  await environment.fakeMessages.say(chat, 'before')
  await bens.waitFor('events')

  environment.fakeMessages.members.get(chat)?.delete(ben.userId)
  await emptyStreams(environment)
  await bens.waitFor('resync')
  await environment.fakeMessages.say(chat, 'without ben')

  await eventually(() => expect(annas.texts()).toEqual(['before', 'without ben']))
  expect(bens.texts()).toEqual(['before'])
})

test('clients survive a restart of Redis, get a resync, and later events', async () => {
  await using environment = await startEnvironment({ nodes: 2 })
  const [anna, ben] = [newWho(), newWho()]
  const chat = environment.fakeMessages.conversationOf(anna.userId, ben.userId)
  const devices = [await environment.connect(anna, 0), await environment.connect(ben, 1)]
  await environment.fakeMessages.say(chat, 'before')
  for (const device of devices) await eventually(() => expect(device.texts()).toEqual(['before']))

  await environment.redis.stop()
  expect(await devices[0]?.request('typing', { conversationId: chat, active: true })).toEqual({ ok: true })
  await environment.redis.start()

  for (const device of devices) {
    await eventually(() => expect(device.received('resync')).not.toEqual([]), { within: 15_000 })
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

test('while the bus is unavailable every client gets a resync periodically', async () => {
  await using environment = await startEnvironment({ nodes: 2 })
  const devices = [await environment.connect(newWho(), 0), await environment.connect(newWho(), 1)]
  await environment.redis.stop()
  for (const device of devices) {
    await eventually(() => expect(device.received('resync').length).toBeGreaterThan(1), { within: 35_000 })
    expect(device.received('resync').every(({ reason }) => reason === busUnavailableReason)).toBe(true)
    expect(device.endedBy()).toBeUndefined()
  }

  await environment.redis.start()
  for (const device of devices)
    await eventually(() => expect(device.received('resync').at(-1)?.reason).not.toBe(busUnavailableReason))
}, 60_000)

test('a node that starts without Redis accepts connections, and sends a resync once the bus is back', async () => {
  await using environment = await startEnvironment({ nodes: 0 })
  await environment.redis.stop()
  await environment.startNode()
  const anna = newWho()
  const chat = environment.fakeMessages.conversationOf(anna.userId)
  const annas = await environment.connect(anna)

  await environment.redis.start()
  await eventually(() =>
    expect(annas.received('resync').map(({ reason }) => reason)).toContain('This node begins to listen'),
  )
  await eventually(() => environment.fakeMessages.say(chat, 'hello'))
  await eventually(() => expect(annas.texts()).toContain('hello'))
})

test('after a gap in a conversation its sockets join again, and a removed person gets nothing more', async () => {
  await using environment = await startEnvironment()
  const [anna, ben] = [newWho(), newWho()]
  const chat = environment.fakeMessages.conversationOf(anna.userId, ben.userId)
  const [annas, bens] = [await environment.connect(anna), await environment.connect(ben)]
  const { version } = await environment.fakeMessages.say(chat, 'before')
  for (const device of [annas, bens]) await eventually(() => expect(device.texts()).toEqual(['before']))

  environment.fakeMessages.members.get(chat)?.delete(ben.userId)
  const next = await environment.fakeMessages.say(chat, 'told twice')
  await environment.fakeMessages.publish({ ...next, version: version + 5 })
  await annas.waitFor('resync')
  await bens.waitFor('resync')
  await environment.fakeMessages.publish({ ...next, version: version + 6 })
  await eventually(() => expect(annas.events().at(-1)?.version).toBe(version + 6))
  expect(bens.events().at(-1)?.version).toBe(version + 1)
})

test('a late participant.added does not join a person who was removed since', async () => {
  await using environment = await startEnvironment()
  const [anna, ben] = [newWho(), newWho()]
  const chat = environment.fakeMessages.conversationOf(anna.userId)
  const [annas, bens] = [await environment.connect(anna), await environment.connect(ben)]
  await environment.fakeMessages.publish({
    type: 'participant.added',
    conversationId: chat,
    version: 2,
    at: new Date(Date.now() - 60_000).toISOString(),
    actorId: anna.userId,
    data: { participant: toParticipant(ben.userId) },
  })
  await bens.waitFor('resync')
  await environment.fakeMessages.publish({ ...(await environment.fakeMessages.say(chat, 'old')), version: 3 })
  await eventually(() => expect(annas.events().length).toBeGreaterThan(1))
  expect(bens.events()).toEqual([])
})

test('a failover of Redis makes every client sync', async () => {
  await using environment = await startEnvironment()
  const anna = await environment.connect(newWho())
  const client = new Redis(environment.redis.url)
  await client.replicaof('127.0.0.1', 1)
  await client.replicaof('NO', 'ONE')
  client.disconnect()
  expect((await anna.waitFor('resync')).reason).toBe('Another Redis has taken over')
})
