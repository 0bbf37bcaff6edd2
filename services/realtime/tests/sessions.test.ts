import { streamName } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { expect, test } from 'vitest'
import { type Environment, startEnvironment } from './fixture/start-environment.ts'
import { newWho, type Who } from './fixture/start-fake-users.ts'

const tell = (environment: Environment, type: string, key: string, data: object) =>
  environment.fakeMessages.publishEntry({
    stream: streamName('users', 0),
    type,
    key,
    payload: JSON.stringify(data),
  })
const endByEvent = (environment: Environment, who: Who) => tell(environment, 'session.ended', who.userId, who)

test('the end of a session is told to all devices of the person, and ends its own sockets, and only those, and none comes back with its token', async () => {
  await using environment = await startEnvironment({ nodes: 2 })
  const who = newWho()
  const devices = [await environment.connect(who, 0), await environment.connect(who, 1)]
  const stay = [
    await environment.connect(newWho(who.userId), 0),
    await environment.connect(newWho(who.userId), 1),
  ]
  const stranger = await environment.connect(newWho(), 0)

  await endByEvent(environment, who)

  const told = { type: 'session.ended', data: { sessionId: who.sessionId } }
  for (const device of devices) {
    await eventually(() => expect(device.endedBy()).toBe('io server disconnect'))
    expect(device.received('account')).toEqual([told])
  }
  for (const device of stay) {
    await eventually(() => expect(device.received('account')).toEqual([told]))
    expect(device.endedBy()).toBeUndefined()
  }
  expect(stranger.received('account')).toEqual([])
  const again = await environment.openConnection(who, 0)
  expect(await again.refusal()).toBe('unauthenticated')
})

test('a node that starts anew refuses sessions that ended before', async () => {
  await using environment = await startEnvironment()
  const who = newWho()
  await environment.connect(who)
  environment.fakeUsers.ended.push(who.sessionId)
  await endByEvent(environment, who)

  await environment.startNode()

  const again = await environment.openConnection(who, 1)
  expect(await again.refusal()).toBe('unauthenticated')
  await environment.connect(newWho(who.userId), 1)
})

test.each(['SIGSTOP', 'SIGKILL'] as const)(
  'while Redis is away (%s) the sockets of a session that ends are closed within five seconds',
  async (signal) => {
    await using environment = await startEnvironment({ nodes: 2 })
    const who = newWho()
    const devices = [await environment.connect(who, 0), await environment.connect(who, 1)]
    const stays = await environment.connect(newWho(who.userId), 1)
    if (signal === 'SIGSTOP') process.kill(environment.redis.pid, signal)
    else await environment.redis.stop()

    environment.fakeUsers.ended.push(who.sessionId)

    const areClosed = () =>
      expect(devices.map((device) => device.endedBy())).toEqual(devices.map(() => 'io server disconnect'))
    await eventually(areClosed, { within: 5000 })
    expect(stays.endedBy()).toBeUndefined()
    const again = await environment.openConnection(who, 1)
    expect(await again.refusal()).toBe('unauthenticated')
  },
)

test('a node that has not loaded ended sessions refuses connections until it has', async () => {
  await using environment = await startEnvironment()
  const who = newWho()
  environment.fakeUsers.ended.push(who.sessionId)
  await environment.fakeUsers.stop()
  await environment.startNode()
  const early = await environment.openConnection(newWho(), 1)
  expect(await early.refusal()).toBe('unavailable')

  await environment.fakeUsers.start()

  await eventually(async () =>
    expect(await (await environment.openConnection(who, 1)).refusal()).toBe('unauthenticated'),
  )
  await environment.connect(newWho(), 1)
})

test('while the users service is down sockets stay, and a valid token is accepted', async () => {
  await using environment = await startEnvironment()
  const device = await environment.connect(newWho())
  const ended = newWho()
  await endByEvent(environment, ended)
  await environment.fakeUsers.stop()
  await environment.connect(newWho())
  expect(await (await environment.openConnection(ended)).refusal()).toBe('unauthenticated')
  expect(device.endedBy()).toBeUndefined()
})

test('the end of an account closes all its sockets', async () => {
  await using environment = await startEnvironment({ nodes: 2 })
  const who = newWho()
  const devices = [await environment.connect(who, 0), await environment.connect(newWho(who.userId), 1)]
  const stays = await environment.connect(newWho(), 1)

  await tell(environment, 'user.deleted', who.userId, { id: who.userId, version: 2 })

  for (const device of devices) await eventually(() => expect(device.endedBy()).toBe('io server disconnect'))
  expect(stays.endedBy()).toBeUndefined()
})
