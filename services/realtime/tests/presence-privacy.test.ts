import { streamName } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { newWho } from './fixture/start-issuer.ts'
import { startWorld } from './fixture/start-world.ts'
import { changePreference, longAgo, settle, statuses, tell, told, watchSomeone } from './fixture/watching.ts'

/** Tests that have to wait do so beside each other. */
const waitedFor = 60_000

test.concurrent(
  'that someone went is told the users service once their last device has, on whatever node it was',
  async () => {
    await using world = await startWorld({ nodes: 2 })
    const anna = newWho()
    const devices = [await world.enter(anna, 0), await world.enter(newWho(anna.userId), 1)]
    const redis = new Redis(world.redis.url)
    const departures = async () =>
      (await redis.xrange(streamName('realtime', 0), '-', '+')).map(([, fields]) =>
        JSON.parse(fields[fields.indexOf('payload') + 1] ?? ''),
      )
    devices[0]?.socket.disconnect()
    await new Promise((resolve) => setTimeout(resolve, 1000))
    const before = Date.now()
    devices[1]?.socket.disconnect()

    const [departure] = await eventually(
      async () => {
        const found = await departures()
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
  'whoever goes offline was last seen then; online, nothing is said of that, and of who hides it nothing at all',
  async () => {
    await using world = await startWorld({ nodes: 2 })
    const [anna, ben, carl] = [newWho(), newWho(), newWho()]
    world.issuer.people.lastSeenAt.set(ben.userId, longAgo)
    world.issuer.people.hidden.add(carl.userId)
    const annas = await world.enter(anna, 0)
    const others = [await world.enter(ben, 1), await world.enter(carl, 1)]
    await annas.ask('watch', { userIds: [ben.userId, carl.userId] })
    await eventually(() => expect(statuses(annas).toSorted()).toEqual(['online', 'unknown']))
    expect(annas.heard('presence').map(({ lastSeenAt }) => lastSeenAt)).toEqual([null, null])

    for (const device of others) device.socket.disconnect()

    await eventually(() => expect(statuses(annas).slice(2)).toEqual(['offline']), { within: 15_000 })
    expect(Date.parse(told(annas, ben).at(-1)?.lastSeenAt ?? '')).toBeCloseTo(Date.now(), -5)
    await settle()
    expect(told(annas, carl)).toHaveLength(1)
  },
  waitedFor,
)

test('when someone was last seen is told with offline; where that is hidden, how they stand is unknown', async () => {
  await using world = await startWorld()
  const [anna, ben, carl] = [newWho(), newWho(), newWho()]
  const { people } = world.issuer
  people.lastSeenAt.set(ben.userId, longAgo).set(carl.userId, longAgo)
  people.hidden.add(carl.userId)
  const annas = await world.enter(anna)
  await annas.ask('watch', { userIds: [ben.userId, carl.userId] })

  await eventually(() => expect(annas.heard('presence')).toHaveLength(2))
  expect(told(annas, ben)).toEqual([{ userId: ben.userId, status: 'offline', lastSeenAt: longAgo }])
  expect(told(annas, carl)).toEqual([{ userId: carl.userId, status: 'unknown', lastSeenAt: null }])

  people.hidden.add(ben.userId)
  await changePreference(world, ben, 'nobody')
  await eventually(() =>
    expect(told(annas, ben).at(-1)).toMatchObject({ status: 'unknown', lastSeenAt: null }),
  )
  people.hidden.delete(carl.userId)
  await changePreference(world, carl, 'everyone')
  await eventually(() => expect(told(annas, carl).at(-1)?.lastSeenAt).toBe(longAgo))
})

test('while the users service is away those it has not spoken of stay unknown, and are told once it is back', async () => {
  await using world = await startWorld()
  const [anna, ben, carl] = [newWho(), newWho(), newWho()]
  const annas = await world.enter(anna)
  await world.enter(ben)
  const carls = await world.enter(carl)
  await annas.ask('watch', { userIds: [ben.userId] })
  await eventually(() => expect(statuses(annas)).toEqual(['online']))

  await world.issuer.stop()
  expect(await annas.ask('watch', { userIds: [ben.userId, carl.userId] })).toEqual({ ok: true })
  await carls.ask('away', {})
  await settle()
  expect(told(annas, carl)).toEqual([])
  await world.issuer.start()

  await eventually(() => expect(told(annas, carl).map(({ status }) => status)).toEqual(['away']), {
    within: 15_000,
  })
})

test('devices that watch the same people ask once', async () => {
  await using world = await startWorld()
  const anna = newWho()
  const others = [newWho(), newWho(), newWho()].map(({ userId }) => userId)
  const devices = [await world.enter(anna), await world.enter(newWho(anna.userId))]
  for (const device of devices) {
    await device.ask('watch', { userIds: others })
    await eventually(() => expect(device.heard('presence')).toHaveLength(3))
    await device.ask('unwatch', { userIds: others })
    await device.ask('watch', { userIds: others })
  }
  expect(world.issuer.people.lookups).toEqual([{ userId: anna.userId, of: others }])
})

test('an account that ends goes offline for those who watch it, at once', async () => {
  await using world = await startWorld()
  const { ben, annas } = await watchSomeone(world)
  await tell(world, 'user.deleted', { id: ben.userId, version: 2 })
  await eventually(() => expect(statuses(annas)).toEqual(['online', 'offline']))
})
