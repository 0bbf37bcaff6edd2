import { streamName } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { expect, test } from 'vitest'
import { newWho, type Who } from './fixture/start-issuer.ts'
import { startWorld, type World } from './fixture/start-world.ts'

const tell = (world: World, type: string, key: string, data: object) =>
  world.archive.publishEntry({
    stream: streamName('users', 0),
    type,
    key,
    payload: JSON.stringify(data),
  })
const endByEvent = (world: World, who: Who) => tell(world, 'session.ended', who.userId, who)

test('the end of a session is told to all devices of the person, and ends its own sockets, and only those, and none comes back with its token', async () => {
  await using world = await startWorld({ nodes: 2 })
  const who = newWho()
  const devices = [await world.enter(who, 0), await world.enter(who, 1)]
  const stay = [await world.enter(newWho(who.userId), 0), await world.enter(newWho(who.userId), 1)]
  const stranger = await world.enter(newWho(), 0)

  await endByEvent(world, who)

  const told = { type: 'session.ended', data: { sessionId: who.sessionId } }
  for (const device of devices) {
    await eventually(() => expect(device.endedBy()).toBe('io server disconnect'))
    expect(device.heard('account')).toEqual([told])
  }
  for (const device of stay) {
    await eventually(() => expect(device.heard('account')).toEqual([told]))
    expect(device.endedBy()).toBeUndefined()
  }
  expect(stranger.heard('account')).toEqual([])
  const again = await world.knock(who, 0)
  expect(await again.refusal()).toBe('unauthenticated')
})

test('a node that starts anew refuses sessions that ended before', async () => {
  await using world = await startWorld()
  const who = newWho()
  await world.enter(who)
  world.issuer.ended.push(who.sessionId)
  await endByEvent(world, who)

  await world.startNode()

  const again = await world.knock(who, 1)
  expect(await again.refusal()).toBe('unauthenticated')
  await world.enter(newWho(who.userId), 1)
})

test.each(['SIGSTOP', 'SIGKILL'] as const)(
  'while Redis is away (%s) the sockets of a session that ends are closed within five seconds',
  async (signal) => {
    await using world = await startWorld({ nodes: 2 })
    const who = newWho()
    const devices = [await world.enter(who, 0), await world.enter(who, 1)]
    const stays = await world.enter(newWho(who.userId), 1)
    if (signal === 'SIGSTOP') process.kill(world.redis.pid, signal)
    else await world.redis.stop()

    world.issuer.ended.push(who.sessionId)

    const areClosed = () =>
      expect(devices.map((device) => device.endedBy())).toEqual(devices.map(() => 'io server disconnect'))
    await eventually(areClosed, { within: 5000 })
    expect(stays.endedBy()).toBeUndefined()
    const again = await world.knock(who, 1)
    expect(await again.refusal()).toBe('unauthenticated')
  },
)

test('a node that cannot learn which sessions ended lets nobody in, until it has', async () => {
  await using world = await startWorld()
  const who = newWho()
  world.issuer.ended.push(who.sessionId)
  await world.issuer.stop()
  await world.startNode()
  const early = await world.knock(newWho(), 1)
  expect(await early.refusal()).toBe('unavailable')

  await world.issuer.start()

  await eventually(async () => expect(await (await world.knock(who, 1)).refusal()).toBe('unauthenticated'))
  await world.enter(newWho(), 1)
})

test('while the users service is away, whoever is connected stays, and whoever comes with a good token is let in', async () => {
  await using world = await startWorld()
  const device = await world.enter(newWho())
  const ended = newWho()
  await endByEvent(world, ended)
  await world.issuer.stop()
  await world.enter(newWho())
  expect(await (await world.knock(ended)).refusal()).toBe('unauthenticated')
  expect(device.endedBy()).toBeUndefined()
})

test('the end of an account closes all its sockets', async () => {
  await using world = await startWorld({ nodes: 2 })
  const who = newWho()
  const devices = [await world.enter(who, 0), await world.enter(newWho(who.userId), 1)]
  const stays = await world.enter(newWho(), 1)

  await tell(world, 'user.deleted', who.userId, { id: who.userId, version: 2 })

  for (const device of devices) await eventually(() => expect(device.endedBy()).toBe('io server disconnect'))
  expect(stays.endedBy()).toBeUndefined()
})
