import { streamName } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { startEnvironment } from './fixture/start-environment.ts'
import { newWho } from './fixture/start-fake-users.ts'
import {
  block,
  changePreference,
  observe,
  received,
  settle,
  statuses,
  watchSomeone,
} from './fixture/watch-presence.ts'

test('after a gap in the events of people, a block that was missed counts', async () => {
  await using environment = await startEnvironment()
  const { anna, ben, annas } = await watchSomeone(environment)
  await changePreference(environment, newWho(), 'everyone')

  environment.fakeUsers.people.blocks.add(`${ben.userId} ${anna.userId}`)
  const redis = new Redis(environment.redis.url)
  await redis.del(streamName('users', 0))
  redis.disconnect()

  await eventually(() => expect(statuses(annas)).toEqual(['online', 'offline']))
})

test('presence is never emitted across a block', async () => {
  await using environment = await startEnvironment({ nodes: 2 })
  const [anna, ben, carl] = [newWho(), newWho(), newWho()]
  environment.fakeUsers.people.blocks.add(`${anna.userId} ${ben.userId}`)
  const annas = await environment.connect(anna, 0)
  const bens = await environment.connect(ben, 1)
  await environment.connect(carl, 0)
  const hear = await observe(environment, anna, ben)

  await annas.request('watch', { userIds: [ben.userId, carl.userId] })
  await bens.request('watch', { userIds: [anna.userId, carl.userId] })
  await annas.request('away', {})
  await bens.request('away', {})

  for (const device of [annas, bens]) await eventually(() => expect(received(device, carl)).toHaveLength(1))
  await hear('away', [annas, bens])
  expect(received(annas, ben)).toEqual([])
  expect(received(bens, anna)).toEqual([])
})

test('a block that comes while both watch looks to both as if the other went offline, and then there is silence', async () => {
  await using environment = await startEnvironment({ nodes: 2 })
  const [anna, ben] = [newWho(), newWho()]
  const annas = await environment.connect(anna, 0)
  const bens = [await environment.connect(ben, 1), await environment.connect(newWho(ben.userId), 0)]
  const everyone = [annas, ...bens]
  const hear = await observe(environment, anna, ben)
  for (const device of everyone) await device.request('watch', { userIds: [anna.userId, ben.userId] })
  for (const device of everyone)
    await eventually(() => expect(statuses(device).toSorted()).toEqual(['online', 'online']))

  await block(environment, anna, ben)

  const { lastSeenAt } = await eventually(() => {
    for (const device of bens)
      expect(received(device, anna).map(({ status }) => status)).toEqual(['online', 'offline'])
    expect(received(annas, ben).map(({ status }) => status)).toEqual(['online', 'offline'])
    return received(annas, ben)[1] ?? { lastSeenAt: null }
  })
  expect(Date.parse(lastSeenAt ?? '')).toBeCloseTo(Date.now(), -4)
  await annas.request('away', {})
  for (const device of bens) await device.request('away', {})
  await hear('away', everyone)
  expect(received(annas, ben)).toHaveLength(2)
  for (const device of bens) expect(received(device, anna)).toHaveLength(2)

  await block(environment, anna, ben, false)
  for (const device of bens)
    await eventually(() => expect(received(device, anna).at(-1)?.status).toBe('away'))
  await eventually(() => expect(received(annas, ben).at(-1)?.status).toBe('away'))
})

test('a block that is taken back changes nothing while the other has blocked, too', async () => {
  await using environment = await startEnvironment()
  const [anna, ben] = [newWho(), newWho()]
  environment.fakeUsers.people.blocks.add(`${ben.userId} ${anna.userId}`)
  await block(environment, anna, ben)
  const annas = await environment.connect(anna)
  await environment.connect(ben)
  await annas.request('watch', { userIds: [ben.userId] })
  await block(environment, anna, ben, false)
  await settle()
  expect(annas.received('presence')).toEqual([])
})
