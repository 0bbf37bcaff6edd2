import { once } from 'node:events'
import { eventually, freePort, watchOpenHandles } from '@finnigram/testing'
import { expect, test } from 'vitest'
import { openDevice } from './fixture/open-device.ts'
import { startEnvironment } from './fixture/start-environment.ts'
import { newWho } from './fixture/start-fake-users.ts'
import { startService } from './fixture/start-service-process.ts'

test('a node that stops sends each client a drain notice with its own Retry-After', async () => {
  await using environment = await startEnvironment()
  const devices = await Promise.all(Array.from({ length: 20 }, () => environment.connect(newWho())))

  const startedAt = performance.now()
  await environment.nodes[0]?.[Symbol.asyncDispose]()
  expect(performance.now() - startedAt).toBeLessThan(4000)

  const moments = devices.map((device) => device.received('goodbye')[0]?.retryAfterMs ?? -1)
  expect(Math.min(...moments)).toBeGreaterThanOrEqual(500)
  expect(new Set(moments).size).toBeGreaterThan(15)
  for (const device of devices) await eventually(() => expect(device.endedBy()).toBe('transport close'))
})

test('a socket that is still joining gets a drain notice, too', async () => {
  await using environment = await startEnvironment()
  const answering = Promise.withResolvers<void>()
  environment.fakeMessages.beforeMemberships = () => answering.promise
  const device = await environment.openConnection(newWho())
  await eventually(() => expect(device.socket.connected).toBe(true))

  await environment.nodes[0]?.[Symbol.asyncDispose]()
  answering.resolve()

  await eventually(() => expect(device.endedBy()).toBe('transport close'))
  expect(device.received('goodbye')).toHaveLength(1)
  expect(device.received('ready')).toEqual([])
})

test('the process ends by itself on SIGTERM, sockets or not', async () => {
  await using environment = await startEnvironment({ nodes: 0 })
  await using node = await startService('realtime', {
    PORT: String(await freePort()),
    REDIS_URL: environment.redis.url,
    USERS_URL: environment.fakeUsers.url,
    MESSAGES_URL: environment.fakeMessages.url,
  })
  const who = newWho()
  using device = openDevice(node.url, await environment.fakeUsers.tokenOf(who), who)
  await device.waitFor('ready')

  const exited = once(node.child, 'exit')
  node.child.kill('SIGTERM')
  expect(await exited).toEqual([0, null])
  expect(device.received('goodbye')).toHaveLength(1)
})

test('a node that has ended leaves no timer, no listener and nothing open in its process', async () => {
  await using environment = await startEnvironment({ nodes: 0 })
  using watch = watchOpenHandles()
  const node = await environment.startNode({ PUSH_DELAY_MS: '300' })
  const [anna, ben] = [newWho(), newWho()]
  const chat = environment.fakeMessages.conversationOf(anna.userId, ben.userId)
  const device = openDevice(node.url, await environment.fakeUsers.tokenOf(anna), anna)
  await device.waitFor('ready')
  await device.request('watch', { userIds: [ben.userId] })
  await device.request('typing', { conversationId: chat, active: true })
  await environment.fakeMessages.say(chat, 'hello')
  await eventually(() => expect(device.texts()).toEqual(['hello']))
  device[Symbol.dispose]()
  const { commands } = node.ctx.redis
  await node[Symbol.asyncDispose]()
  await eventually(() => expect(watch.left()).toEqual([]), { within: 8000 })
  for (const event of ['ready', 'close', 'reconnecting']) expect(commands.listenerCount(event)).toBe(0)
})
