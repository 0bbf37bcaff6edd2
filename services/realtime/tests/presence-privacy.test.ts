import { streamName } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { startEnvironment } from './fixture/start-environment.ts'
import { newWho } from './fixture/start-fake-users.ts'
import {
  changePreference,
  longAgo,
  publishUserEvent,
  received,
  settle,
  statuses,
  watchSomeone,
} from './fixture/watch-presence.ts'

/** Tests that have to wait do so beside each other. */
const waitedFor = 60_000

test.concurrent(
  'that someone went is told the users service once their last device has, on whatever node it was',
  async () => {
    await using environment = await startEnvironment({ nodes: 2 })
    const anna = newWho()
    const devices = [await environment.connect(anna, 0), await environment.connect(newWho(anna.userId), 1)]
    const redis = new Redis(environment.redis.url)
    const lastSeenEvents = async () =>
      (await redis.xrange(streamName('realtime', 0), '-', '+')).map(([, fields]) =>
        JSON.parse(fields[fields.indexOf('payload') + 1] ?? ''),
      )
    devices[0]?.socket.disconnect()
    await new Promise((resolve) => setTimeout(resolve, 1000))
    const before = Date.now()
    devices[1]?.socket.disconnect()

    const [departure] = await eventually(
      async () => {
        const found = await lastSeenEvents()
        expect(found).toHaveLength(1)
        return found
      },
      { within: 15_000 },
    )
    expect(departure).toEqual({ userId: anna.userId, at: expect.any(String) })
    expect(Date.parse(departure.at)).toBeGreaterThan(before - 500)
    redis.disconnect()
  },
  waitedFor,
)

test.concurrent(
  'offline comes with the last-seen time, online without; a person who hides it is unknown',
  async () => {
    await using environment = await startEnvironment({ nodes: 2 })
    const [anna, ben, carl] = [newWho(), newWho(), newWho()]
    environment.fakeUsers.people.lastSeenAt.set(ben.userId, longAgo)
    environment.fakeUsers.people.hidden.add(carl.userId)
    const annas = await environment.connect(anna, 0)
    const others = [await environment.connect(ben, 1), await environment.connect(carl, 1)]
    await annas.request('watch', { userIds: [ben.userId, carl.userId] })
    await eventually(() => expect(statuses(annas).toSorted()).toEqual(['online', 'unknown']))
    expect(annas.received('presence').map(({ lastSeenAt }) => lastSeenAt)).toEqual([null, null])

    for (const device of others) device.socket.disconnect()

    await eventually(() => expect(statuses(annas).slice(2)).toEqual(['offline']), { within: 15_000 })
    expect(Date.parse(received(annas, ben).at(-1)?.lastSeenAt ?? '')).toBeCloseTo(Date.now(), -5)
    await settle()
    expect(received(annas, carl)).toHaveLength(1)
  },
  waitedFor,
)

test('offline comes with the last-seen time; where that is hidden, the status is unknown', async () => {
  await using environment = await startEnvironment()
  const [anna, ben, carl] = [newWho(), newWho(), newWho()]
  const { people } = environment.fakeUsers
  people.lastSeenAt.set(ben.userId, longAgo).set(carl.userId, longAgo)
  people.hidden.add(carl.userId)
  const annas = await environment.connect(anna)
  await annas.request('watch', { userIds: [ben.userId, carl.userId] })

  await eventually(() => expect(annas.received('presence')).toHaveLength(2))
  expect(received(annas, ben)).toEqual([{ userId: ben.userId, status: 'offline', lastSeenAt: longAgo }])
  expect(received(annas, carl)).toEqual([{ userId: carl.userId, status: 'unknown', lastSeenAt: null }])

  people.hidden.add(ben.userId)
  await changePreference(environment, ben, 'nobody')
  await eventually(() =>
    expect(received(annas, ben).at(-1)).toMatchObject({ status: 'unknown', lastSeenAt: null }),
  )
  people.hidden.delete(carl.userId)
  await changePreference(environment, carl, 'everyone')
  await eventually(() => expect(received(annas, carl).at(-1)?.lastSeenAt).toBe(longAgo))
})

test('while the users service is down unknown pairs stay unknown, and are emitted once it is back', async () => {
  await using environment = await startEnvironment()
  const [anna, ben, carl] = [newWho(), newWho(), newWho()]
  const annas = await environment.connect(anna)
  await environment.connect(ben)
  const carls = await environment.connect(carl)
  await annas.request('watch', { userIds: [ben.userId] })
  await eventually(() => expect(statuses(annas)).toEqual(['online']))

  await environment.fakeUsers.stop()
  expect(await annas.request('watch', { userIds: [ben.userId, carl.userId] })).toEqual({ ok: true })
  await carls.request('away', {})
  await settle()
  expect(received(annas, carl)).toEqual([])
  await environment.fakeUsers.start()

  await eventually(() => expect(received(annas, carl).map(({ status }) => status)).toEqual(['away']), {
    within: 15_000,
  })
})

test('devices that watch the same people share one lookup', async () => {
  await using environment = await startEnvironment()
  const anna = newWho()
  const others = [newWho(), newWho(), newWho()].map(({ userId }) => userId)
  const devices = [await environment.connect(anna), await environment.connect(newWho(anna.userId))]
  for (const device of devices) {
    await device.request('watch', { userIds: others })
    await eventually(() => expect(device.received('presence')).toHaveLength(3))
    await device.request('unwatch', { userIds: others })
    await device.request('watch', { userIds: others })
  }
  expect(environment.fakeUsers.people.lookups).toEqual([{ userId: anna.userId, of: others }])
})

test('a deleted account goes offline for its watchers at once', async () => {
  await using environment = await startEnvironment()
  const { ben, annas } = await watchSomeone(environment)
  await publishUserEvent(environment, 'user.deleted', { id: ben.userId, version: 2 })
  await eventually(() => expect(statuses(annas)).toEqual(['online', 'offline']))
})
