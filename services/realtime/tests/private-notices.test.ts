import { type Fleeting, fleetingChannel, streamName } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Device } from './fixture/open-device.ts'
import { type Environment, startEnvironment } from './fixture/start-environment.ts'
import { newWho, type Who } from './fixture/start-fake-users.ts'
import { toMe } from './fixture/to-participant.ts'

let environment: Environment
let redis: Redis
beforeAll(async () => {
  environment = await startEnvironment({ nodes: 2 })
  redis = new Redis(environment.redis.url)
})
afterAll(async () => {
  redis.disconnect()
  await environment[Symbol.asyncDispose]()
})

const say = (notice: Fleeting) => redis.publish(fleetingChannel, JSON.stringify(notice))
const settle = () => new Promise((resolve) => setTimeout(resolve, 300))
const type = (device: Device, conversationId: string) =>
  device.request('typing', { conversationId, active: true })

test('typing of someone who was blocked, or blocked, does not reach the other in their direct conversation', async () => {
  const [anna, ben, carl] = [newWho(), newWho(), newWho()]
  environment.fakeUsers.people.blocks.add(`${anna.userId} ${ben.userId}`)
  const direct = environment.fakeMessages.conversationOf(anna.userId, ben.userId)
  const other = environment.fakeMessages.conversationOf(anna.userId, carl.userId)
  const annas = await environment.connect(anna, 0)
  const bens = await environment.connect(ben, 1)
  const carls = await environment.connect(carl, 1)

  await type(bens, direct)
  await type(annas, direct)
  await type(carls, other)

  await annas.waitFor('typing')
  await settle()
  expect(annas.received('typing')).toEqual([{ conversationId: other, userId: carl.userId, active: true }])
  expect(bens.received('typing')).toEqual([])
})

test('a block that comes later ends it at once, and in a group they share it goes on', async () => {
  const [anna, ben, carl] = [newWho(), newWho(), newWho()]
  const direct = environment.fakeMessages.conversationOf(anna.userId, ben.userId)
  const group = environment.fakeMessages.conversationOf(anna.userId, ben.userId, carl.userId)
  const annas = await environment.connect(anna, 0)
  await environment.connect(carl, 0)
  const bens = await environment.connect(ben, 1)
  await type(bens, direct)
  await annas.waitFor('typing')

  environment.fakeUsers.people.blocks.add(`${anna.userId} ${ben.userId}`)
  await environment.fakeMessages.publishEntry({
    stream: streamName('users', 0),
    type: 'block.changed',
    key: anna.userId,
    payload: JSON.stringify({ userId: anna.userId, blockedId: ben.userId, isBlocked: true, version: 1 }),
  })
  await annas.waitFor('account')
  await bens.request('typing', { conversationId: direct, active: false })
  await type(bens, direct)
  await type(bens, group)

  await annas.waitFor('typing', 2)
  await settle()
  expect(annas.received('typing').map(({ conversationId }) => conversationId)).toEqual([direct, group])
})

test('what someone reads in secret reaches their own devices of the conversation and nobody else; what they received, everyone', async () => {
  const [anna, ben] = [newWho(), newWho()]
  const chat = environment.fakeMessages.conversationOf(anna.userId, ben.userId)
  const annas = [await environment.connect(anna, 0), await environment.connect(newWho(anna.userId), 1)]
  const bens = [await environment.connect(ben, 0), await environment.connect(newWho(ben.userId), 1)]
  const marker = { conversationId: chat, userId: anna.userId }

  await say({
    t: 'markers',
    data: [
      { ...marker, deliveredSeq: 5 },
      { ...marker, readSeq: 3, isOwnOnly: true },
      { ...marker, readSeq: 4, isOwnOnly: true },
    ],
  })

  for (const device of annas) {
    await eventually(() =>
      expect(device.received('marker')).toEqual([
        { ...marker, deliveredSeq: 5 },
        { ...marker, readSeq: 4 },
      ]),
    )
  }
  for (const device of bens) {
    await eventually(() => expect(device.received('marker')).toEqual([{ ...marker, deliveredSeq: 5 }]))
  }
})

test('of a conversation one is not in, no marker comes, not even of oneself', async () => {
  const [anna, ben] = [newWho(), newWho()]
  const chat = environment.fakeMessages.conversationOf(ben.userId)
  const annas = await environment.connect(anna, 0)
  await environment.connect(ben, 0)
  await say({
    t: 'markers',
    data: [{ conversationId: chat, userId: anna.userId, readSeq: 3, isOwnOnly: true }],
  })
  await settle()
  expect(annas.received('marker')).toEqual([])
})

const accountFacts: [string, (who: Who) => Record<string, unknown>][] = [
  ['conversation.me', ({ userId }) => ({ conversationId: userId, me: toMe({ pinned: true }) })],
  ['message.starred', ({ userId }) => ({ messageId: userId, conversationId: userId })],
  ['message.unstarred', ({ userId }) => ({ messageId: userId, conversationId: userId })],
  ['of the future', () => ({ some: 'thing' })],
]
test.each(accountFacts)(
  'the fact %s reaches all devices of the person, and nobody else',
  async (factType, make) => {
    const [anna, ben] = [newWho(), newWho()]
    environment.fakeMessages.conversationOf(anna.userId, ben.userId)
    const annas = [await environment.connect(anna, 0), await environment.connect(newWho(anna.userId), 1)]
    const bens = await environment.connect(ben, 1)
    const data = make(anna)

    await environment.fakeMessages.publishEntry({
      stream: streamName('messages', 3),
      type: 'account',
      key: anna.userId,
      payload: JSON.stringify({ userId: anna.userId, type: factType, data }),
    })

    for (const device of annas) expect(await device.waitFor('account')).toEqual({ type: factType, data })
    expect(bens.received('account')).toEqual([])
  },
)
