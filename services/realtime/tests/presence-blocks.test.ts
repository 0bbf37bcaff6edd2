import { streamName } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { newWho } from './fixture/start-issuer.ts'
import { startWorld } from './fixture/start-world.ts'
import { block, changePreference, observe, settle, statuses, told, watchSomeone } from './fixture/watching.ts'

test('after a gap in the events of people, a block that was missed counts', async () => {
  await using world = await startWorld()
  const { anna, ben, annas } = await watchSomeone(world)
  await changePreference(world, newWho(), 'everyone')

  world.issuer.people.blocks.add(`${ben.userId} ${anna.userId}`)
  const redis = new Redis(world.redis.url)
  await redis.del(streamName('users', 0))
  redis.disconnect()

  await eventually(() => expect(statuses(annas)).toEqual(['online', 'offline']))
})

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
