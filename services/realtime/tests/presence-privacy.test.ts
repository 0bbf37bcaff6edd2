import { defaultPreferences, streamName, type UserEventData, type UserEventType } from '@finnigram/contracts'
import { eventually } from '@finnigram/service-kit/testing'
import { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import type { Device } from './fixture/person.ts'
import { newWho, type Who } from './fixture/start-issuer.ts'
import { startWorld, type World } from './fixture/start-world.ts'

const longAgo = '2026-01-02T03:04:05.678Z'
const statuses = (device: Device) => device.heard('presence').map(({ status }) => status)
const told = (device: Device, who: Who) =>
  device.heard('presence').filter(({ userId }) => userId === who.userId)

/** Watches these people from each of the first two nodes; `hear` resolves when all have been told there that everyone has this status, those of `devices` that were to be told as well. */
async function observe(world: World, ...people: Who[]) {
  const observers = [await world.enter(newWho(), 0), await world.enter(newWho(), 1)]
  const userIds = people.map(({ userId }) => userId)
  for (const observer of observers) await observer.ask('watch', { userIds })
  return async (status: string, devices: readonly Device[]) => {
    for (const observer of observers)
      for (const who of people)
        await eventually(() => expect(told(observer, who).at(-1)?.status).toBe(status))
    // What was written to a socket before has arrived.
    for (const device of devices) await device.ask('unwatch', { userIds: [newWho().userId] })
  }
}
const settle = () => new Promise((resolve) => setTimeout(resolve, 300))

const tell = <T extends UserEventType>(world: World, type: T, data: UserEventData[T]) =>
  world.archive.publishEntry({
    stream: streamName('users', 0),
    type,
    key: 'key',
    payload: JSON.stringify(data),
  })

/** Has one block another, or take it back: first the truth, then the event. */
function block(world: World, { userId }: Who, { userId: blockedId }: Who, isBlocked = true) {
  if (isBlocked) world.issuer.people.blocks.add(`${userId} ${blockedId}`)
  else world.issuer.people.blocks.delete(`${userId} ${blockedId}`)
  return tell(world, 'block.changed', { userId, blockedId, isBlocked, version: 1 })
}

const changePreference = (world: World, { userId }: Who, lastSeen: 'everyone' | 'nobody' | 'contacts') =>
  tell(world, 'user.updated', {
    user: {
      id: userId,
      username: 'someone',
      displayName: 'Someone',
      bio: '',
      avatarUrl: null,
      createdAt: longAgo,
      lastSeenAt: null,
    },
    preferences: { ...defaultPreferences, lastSeen },
    reachable: false,
    version: 2,
  })

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
  'whoever goes offline was last seen then; online, nothing is said of that',
  async () => {
    await using world = await startWorld({ nodes: 2 })
    const [anna, ben, carl] = [newWho(), newWho(), newWho()]
    world.issuer.people.lastSeenAt.set(ben.userId, longAgo)
    world.issuer.people.hidden.add(carl.userId)
    const annas = await world.enter(anna, 0)
    const others = [await world.enter(ben, 1), await world.enter(carl, 1)]
    await annas.ask('watch', { userIds: [ben.userId, carl.userId] })
    await eventually(() => expect(statuses(annas)).toEqual(['online', 'online']))
    expect(annas.heard('presence').map(({ lastSeenAt }) => lastSeenAt)).toEqual([null, null])

    for (const device of others) device.socket.disconnect()

    await eventually(() => expect(statuses(annas).slice(2)).toEqual(['offline', 'offline']), {
      within: 15_000,
    })
    expect(Date.parse(told(annas, ben).at(-1)?.lastSeenAt ?? '')).toBeCloseTo(Date.now(), -5)
    expect(told(annas, carl).at(-1)?.lastSeenAt).toBe(null)
  },
  waitedFor,
)

test.concurrent(
  'after a gap in the events of people, a block that was missed counts',
  async () => {
    await using world = await startWorld()
    const [anna, ben] = [newWho(), newWho()]
    const annas = await world.enter(anna)
    await world.enter(ben)
    await annas.ask('watch', { userIds: [ben.userId] })
    await eventually(() => expect(statuses(annas)).toEqual(['online']))
    await changePreference(world, newWho(), 'everyone')

    world.issuer.people.blocks.add(`${ben.userId} ${anna.userId}`)
    const redis = new Redis(world.redis.url)
    await redis.del(streamName('users', 0))
    redis.disconnect()

    await eventually(() => expect(statuses(annas)).toEqual(['online', 'offline']))
  },
  waitedFor,
)

test('of people who blocked the watcher, or whom the watcher blocked, nothing is ever said', async () => {
  await using world = await startWorld({ nodes: 2 })
  const [anna, ben, carl] = [newWho(), newWho(), newWho()]
  world.issuer.people.blocks.add(`${anna.userId} ${ben.userId}`)
  const annas = await world.enter(anna, 0)
  const bens = await world.enter(ben, 1)
  await world.enter(carl, 0)
  const hear = await observe(world, anna, ben)

  await annas.ask('watch', { userIds: [ben.userId, carl.userId] })
  await bens.ask('watch', { userIds: [anna.userId, carl.userId] })
  await annas.ask('away', {})
  await bens.ask('away', {})

  for (const device of [annas, bens]) await eventually(() => expect(told(device, carl)).toHaveLength(1))
  await hear('away', [annas, bens])
  expect(told(annas, ben)).toEqual([])
  expect(told(bens, anna)).toEqual([])
})

test('a block that comes while both watch looks to both as if the other went offline, and then there is silence', async () => {
  await using world = await startWorld({ nodes: 2 })
  const [anna, ben] = [newWho(), newWho()]
  const annas = await world.enter(anna, 0)
  const bens = [await world.enter(ben, 1), await world.enter(newWho(ben.userId), 0)]
  const everyone = [annas, ...bens]
  const hear = await observe(world, anna, ben)
  for (const device of everyone) await device.ask('watch', { userIds: [anna.userId, ben.userId] })
  for (const device of everyone)
    await eventually(() => expect(statuses(device).toSorted()).toEqual(['online', 'online']))

  await block(world, anna, ben)

  const { lastSeenAt } = await eventually(() => {
    for (const device of bens)
      expect(told(device, anna).map(({ status }) => status)).toEqual(['online', 'offline'])
    expect(told(annas, ben).map(({ status }) => status)).toEqual(['online', 'offline'])
    return told(annas, ben)[1] ?? { lastSeenAt: null }
  })
  expect(Date.parse(lastSeenAt ?? '')).toBeCloseTo(Date.now(), -4)
  await annas.ask('away', {})
  for (const device of bens) await device.ask('away', {})
  await hear('away', everyone)
  expect(told(annas, ben)).toHaveLength(2)
  for (const device of bens) expect(told(device, anna)).toHaveLength(2)

  await block(world, anna, ben, false)
  for (const device of bens) await eventually(() => expect(told(device, anna).at(-1)?.status).toBe('away'))
  await eventually(() => expect(told(annas, ben).at(-1)?.status).toBe('away'))
})

test('a block that is taken back changes nothing while the other has blocked, too', async () => {
  await using world = await startWorld()
  const [anna, ben] = [newWho(), newWho()]
  world.issuer.people.blocks.add(`${ben.userId} ${anna.userId}`)
  await block(world, anna, ben)
  const annas = await world.enter(anna)
  await world.enter(ben)
  await annas.ask('watch', { userIds: [ben.userId] })
  await block(world, anna, ben, false)
  await settle()
  expect(annas.heard('presence')).toEqual([])
})

test('when someone was last seen is told with offline, and is null where that is hidden', async () => {
  await using world = await startWorld()
  const [anna, ben, carl] = [newWho(), newWho(), newWho()]
  const { people } = world.issuer
  people.lastSeenAt.set(ben.userId, longAgo).set(carl.userId, longAgo)
  people.hidden.add(carl.userId)
  const annas = await world.enter(anna)
  await annas.ask('watch', { userIds: [ben.userId, carl.userId] })

  await eventually(() => expect(annas.heard('presence')).toHaveLength(2))
  expect(told(annas, ben)).toEqual([{ userId: ben.userId, status: 'offline', lastSeenAt: longAgo }])
  expect(told(annas, carl)).toEqual([{ userId: carl.userId, status: 'offline', lastSeenAt: null }])

  people.hidden.add(ben.userId)
  await changePreference(world, ben, 'nobody')
  await eventually(() => expect(told(annas, ben).at(-1)?.lastSeenAt).toBe(null))
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
  const [anna, ben] = [newWho(), newWho()]
  const annas = await world.enter(anna)
  await world.enter(ben)
  await annas.ask('watch', { userIds: [ben.userId] })
  await eventually(() => expect(statuses(annas)).toEqual(['online']))
  await tell(world, 'user.deleted', { id: ben.userId, version: 2 })
  await eventually(() => expect(statuses(annas)).toEqual(['online', 'offline']))
})
