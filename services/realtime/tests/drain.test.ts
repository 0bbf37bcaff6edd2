import { once } from 'node:events'
import { eventually, freePort, watchLeftovers } from '@finnigram/testing'
import { expect, test } from 'vitest'
import { openDevice } from './fixture/person.ts'
import { newWho } from './fixture/start-issuer.ts'
import { startService } from './fixture/start-service.ts'
import { startWorld } from './fixture/start-world.ts'

test('a node that stops says goodbye to everyone, each with a moment of their own', async () => {
  await using world = await startWorld()
  const devices = await Promise.all(Array.from({ length: 20 }, () => world.enter(newWho())))

  const startedAt = performance.now()
  await world.nodes[0]?.[Symbol.asyncDispose]()
  expect(performance.now() - startedAt).toBeLessThan(4000)

  const moments = devices.map((device) => device.heard('goodbye')[0]?.retryAfterMs ?? -1)
  expect(Math.min(...moments)).toBeGreaterThanOrEqual(500)
  expect(new Set(moments).size).toBeGreaterThan(15)
  for (const device of devices) await eventually(() => expect(device.endedBy()).toBe('transport close'))
})

test('whoever is not ready yet when a node stops is told when to come back, too', async () => {
  await using world = await startWorld()
  const answering = Promise.withResolvers<void>()
  world.archive.beforeMemberships = () => answering.promise
  const device = await world.knock(newWho())
  await eventually(() => expect(device.socket.connected).toBe(true))

  await world.nodes[0]?.[Symbol.asyncDispose]()
  answering.resolve()

  await eventually(() => expect(device.endedBy()).toBe('transport close'))
  expect(device.heard('goodbye')).toHaveLength(1)
  expect(device.heard('ready')).toEqual([])
})

test('the process ends by itself on SIGTERM, sockets or not', async () => {
  await using world = await startWorld({ nodes: 0 })
  await using node = await startService('realtime', {
    PORT: String(await freePort()),
    REDIS_URL: world.redis.url,
    USERS_URL: world.issuer.url,
    MESSAGES_URL: world.archive.url,
  })
  const who = newWho()
  using device = openDevice(node.url, await world.issuer.tokenOf(who), who)
  await device.hears('ready')

  const exited = once(node.child, 'exit')
  node.child.kill('SIGTERM')
  expect(await exited).toEqual([0, null])
  expect(device.heard('goodbye')).toHaveLength(1)
})

test('a node that has ended leaves no timer, no listener and nothing open in its process', async () => {
  await using world = await startWorld({ nodes: 0 })
  using watch = watchLeftovers()
  const node = await world.startNode({ PUSH_DELAY_MS: '300' })
  const [anna, ben] = [newWho(), newWho()]
  const chat = world.archive.conversationOf(anna.userId, ben.userId)
  const device = openDevice(node.url, await world.issuer.tokenOf(anna), anna)
  await device.hears('ready')
  await device.ask('watch', { userIds: [ben.userId] })
  await device.ask('typing', { conversationId: chat, active: true })
  await world.archive.say(chat, 'hello')
  await eventually(() => expect(device.texts()).toEqual(['hello']))
  device[Symbol.dispose]()
  const { commands } = node.ctx.redis
  await node[Symbol.asyncDispose]()
  await eventually(() => expect(watch.left()).toEqual([]), { within: 8000 })
  for (const event of ['ready', 'close', 'reconnecting']) expect(commands.listenerCount(event)).toBe(0)
})
