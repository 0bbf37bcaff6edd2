import { newId } from '@finnigram/contracts'
import { createLogger, openRedis } from '@finnigram/service-kit'
import { eventually, startRedis } from '@finnigram/testing'
import { expect, test } from 'vitest'
import { openPresenceLeases } from '../src/presence/presence-leases.ts'
import { startEnvironment } from './fixture/start-environment.ts'
import { newWho } from './fixture/start-fake-users.ts'
import { statuses } from './fixture/watch-presence.ts'

const quietLog = createLogger({ service: 'test', nodeId: 'test' })

/** Tests that have to wait do so beside each other. */
const waitedFor = 60_000

test.concurrent(
  'a person whose node was killed goes offline for watchers',
  async () => {
    await using environment = await startEnvironment()
    const gone = newId()
    await using link = openRedis({ url: environment.redis.url, name: 'test', log: quietLog })
    await link.whenUp(2000)
    // As a node leaves it behind that is killed and whose people do not come back, shortly before
    // it ends.
    await link.commands.hset(`finnigram:presence:{${gone}}`, 'killed', `${Date.now() + 5000} online`)
    const bens = await environment.connect(newWho())
    await bens.request('watch', { userIds: [gone] })
    await eventually(() => expect(statuses(bens)).toEqual(['online']))

    await eventually(() => expect(statuses(bens)).toEqual(['online', 'offline']), { within: 25_000 })
  },
  waitedFor,
)

test.concurrent(
  'a watcher gets the status and every change, on all nodes',
  async () => {
    await using environment = await startEnvironment({ nodes: 2 })
    const [anna, ben] = [newWho(), newWho()]
    const bens = await environment.connect(ben, 1)
    await bens.request('watch', { userIds: [anna.userId] })
    await eventually(() => expect(statuses(bens)).toEqual(['offline']))

    const annas = await environment.connect(anna, 0)
    await eventually(() => expect(statuses(bens).at(-1)).toBe('online'))
    await annas.request('away', {})
    await eventually(() => expect(statuses(bens).at(-1)).toBe('away'))
    const second = await environment.connect(newWho(anna.userId), 1)
    await eventually(() => expect(statuses(bens).at(-1)).toBe('online'))

    second.socket.disconnect()
    annas.socket.disconnect()
    await eventually(() => expect(statuses(bens).at(-1)).toBe('offline'), { within: 15_000 })
    expect(bens.received('presence').every(({ userId }) => userId === anna.userId)).toBe(true)
  },
  waitedFor,
)

test.concurrent(
  'while Redis is away, those of whom something was known become unknown; afterwards they are known again',
  async () => {
    await using environment = await startEnvironment({ nodes: 2 })
    const [anna, ben] = [newWho(), newWho()]
    await environment.connect(anna, 0)
    const bens = await environment.connect(ben, 1)
    await bens.request('watch', { userIds: [anna.userId] })
    await eventually(() => expect(statuses(bens)).toEqual(['online']))

    await environment.redis.stop()
    await eventually(() => expect(statuses(bens)).toEqual(['online', 'unknown']), { within: 15_000 })
    await environment.redis.start()

    await eventually(() => expect(statuses(bens)).toEqual(['online', 'unknown', 'online']), {
      within: 20_000,
    })
  },
  waitedFor,
)

test.concurrent(
  'a Redis that was emptied makes nobody look offline who is there, and knows everyone again',
  async () => {
    await using environment = await startEnvironment({ nodes: 2 })
    const [anna, ben, cara] = [newWho(), newWho(), newWho()]
    await environment.connect(anna, 0)
    const bens = await environment.connect(ben, 1)
    const caras = await environment.connect(cara, 1)
    await caras.request('watch', { userIds: [anna.userId] })
    await new Promise((resolve) => setTimeout(resolve, 2_500))
    await using link = openRedis({ url: environment.redis.url, name: 'test', log: quietLog })
    await link.whenUp(2000)
    await link.commands.flushall()
    expect(await bens.request('watch', { userIds: [anna.userId] })).toEqual({ ok: true })
    await eventually(() => expect(statuses(bens)).toEqual(['online']), { within: 10_000 })
    expect(new Set(statuses(caras))).toEqual(new Set(['online']))
  },
  waitedFor,
)

test('presence goes only to current watchers', async () => {
  await using environment = await startEnvironment()
  const [anna, ben] = [newWho(), newWho()]
  const bens = await environment.connect(ben)
  await bens.request('watch', { userIds: [anna.userId] })
  await eventually(() => expect(statuses(bens)).toEqual(['offline']))
  await bens.request('unwatch', { userIds: [anna.userId] })

  const caras = await environment.connect(newWho())
  await caras.request('watch', { userIds: [anna.userId] })
  await environment.connect(newWho())
  await environment.connect(anna)
  await eventually(() => expect(statuses(caras).at(-1)).toBe('online'))
  // What was written to the socket before has arrived.
  await bens.request('unwatch', { userIds: [anna.userId] })
  expect(statuses(bens)).toEqual(['offline'])
})

test('while Redis is down no status is emitted but unknown; afterwards it is', async () => {
  await using environment = await startEnvironment()
  const [anna, ben] = [newWho(), newWho()]
  await environment.connect(anna)
  const bens = await environment.connect(ben)
  await environment.redis.stop()
  expect(await bens.request('watch', { userIds: [anna.userId] })).toEqual({ ok: true })
  expect(statuses(bens)).toEqual([])

  await environment.redis.start()
  await eventually(() => expect(statuses(bens)).toEqual(['online']), { within: 30_000 })
}, 40_000)

test('the leases of a node that dies end in time for its people to look offline within a minute', async () => {
  await using environment = await startEnvironment()
  const anna = newWho()
  await environment.connect(anna)
  await using link = openRedis({ url: environment.redis.url, name: 'test', log: quietLog })
  await link.whenUp(2000)
  const ends = await eventually(async () => {
    const [lease = ''] = Object.values(await link.commands.hgetall(`finnigram:presence:{${anna.userId}}`))
    expect(lease).toMatch(/^\d+ online$/)
    return Number.parseInt(lease, 10)
  })
  expect(ends - Date.now()).toBeLessThanOrEqual(41_000)
})

test('one socket watches at most 500 people', async () => {
  await using environment = await startEnvironment()
  const device = await environment.connect(newWho())
  const watch = (count: number) =>
    device.request('watch', { userIds: Array.from({ length: count }, () => newId()) })
  expect(await watch(500)).toEqual({ ok: true })
  expect(await watch(1)).toMatchObject({ ok: false, error: { code: 'validation_failed' } })
})

test('an expired lease of a killed node does not count', async () => {
  await using redis = await startRedis()
  await using link = openRedis({ url: redis.url, name: 'test', log: quietLog })
  await link.whenUp(2000)
  const leases = openPresenceLeases(link, 'here')
  const userId = newId()
  await link.commands.hset(`finnigram:presence:{${userId}}`, 'killed', `${Date.now() - 1} online`)
  expect(await leases.read(userId)).toBe('offline')

  await leases.renew(userId, 'away')
  expect(await leases.read(userId)).toBe('away')
  await link.commands.hset(`finnigram:presence:{${userId}}`, 'other', `${Date.now() + 9000} online`)
  expect(await leases.read(userId)).toBe('online')
  await leases.release(userId, new Date().toISOString())
  expect(await leases.read(userId)).toBe('online')
})
