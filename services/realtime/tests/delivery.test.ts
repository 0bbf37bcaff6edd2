import { newId, streamName } from '@finnigram/contracts'
import { eventually, expectLog } from '@finnigram/service-kit/testing'
import { expect, test } from 'vitest'
import { startEnvironment } from './fixture/start-environment.ts'
import { newWho } from './fixture/start-fake-users.ts'
import { toMe } from './fixture/to-participant.ts'

test('two people on two nodes hear what is said, in order', async () => {
  await using environment = await startEnvironment({ nodes: 2 })
  const [anna, ben] = [newWho(), newWho()]
  const chat = environment.fakeMessages.conversationOf(anna.userId, ben.userId)
  const annas = await environment.enter(anna, 0)
  const bens = await environment.enter(ben, 1)

  const texts = Array.from({ length: 50 }, (_, i) => `message ${i} – ü 漢 🙂`)
  for (const text of texts) await environment.fakeMessages.say(chat, text)

  await eventually(() => {
    expect(annas.texts()).toEqual(texts)
    expect(bens.texts()).toEqual(texts)
  })
})

test('only those who take part hear it', async () => {
  await using environment = await startEnvironment()
  const [anna, ben, carl] = [newWho(), newWho(), newWho()]
  const chat = environment.fakeMessages.conversationOf(anna.userId, ben.userId)
  const others = environment.fakeMessages.conversationOf(carl.userId)
  const annas = await environment.enter(anna)
  const carls = await environment.enter(carl)

  await environment.fakeMessages.say(chat, 'for us')
  await environment.fakeMessages.say(others, 'for me')

  await carls.hears('events')
  await annas.hears('events')
  expect(carls.texts()).toEqual(['for me'])
  expect(annas.texts()).toEqual(['for us'])
})

test('what waits together comes as one frame for each conversation', async () => {
  await using environment = await startEnvironment()
  const anna = newWho()
  const chat = environment.fakeMessages.conversationOf(anna.userId)
  const annas = await environment.enter(anna)

  await Promise.all(Array.from({ length: 300 }, (_, i) => environment.fakeMessages.say(chat, `${i}`)))

  await eventually(() => expect(annas.facts()).toHaveLength(300))
  expect(annas.heard('events').length).toBeLessThan(50)
  expect(annas.facts().map(({ version }) => version)).toEqual(Array.from({ length: 300 }, (_, i) => i + 2))
})

test('a frame larger than 64 KiB arrives whole', async () => {
  await using environment = await startEnvironment()
  const anna = newWho()
  const chat = environment.fakeMessages.conversationOf(anna.userId)
  const annas = await environment.enter(anna)

  const long = 'ä'.repeat(90_000)
  await environment.fakeMessages.say(chat, long)
  await environment.fakeMessages.say(chat, 'short')

  await eventually(() => expect(annas.texts()).toEqual([long, 'short']))
})

test('what a relay publishes twice is emitted once', async () => {
  await using environment = await startEnvironment()
  const anna = newWho()
  const chat = environment.fakeMessages.conversationOf(anna.userId)
  const annas = await environment.enter(anna)

  const first = await environment.fakeMessages.say(chat, 'first')
  const second = await environment.fakeMessages.say(chat, 'second')
  await environment.fakeMessages.publish(first)
  await environment.fakeMessages.publish(second)
  await environment.fakeMessages.say(chat, 'third')

  await eventually(() => expect(annas.texts()).toContain('third'))
  expect(annas.texts()).toEqual(['first', 'second', 'third'])
})

test('an entry that cannot be read is left out: its conversation syncs, and the rest arrives', async () => {
  expectLog(/could not be delivered/)
  await using environment = await startEnvironment()
  const anna = newWho()
  const chat = environment.fakeMessages.conversationOf(anna.userId)
  const annas = await environment.enter(anna)
  const stream = streamName('messages', 0)

  await environment.fakeMessages.publishEntry({
    stream,
    type: 'conversation.created',
    key: chat,
    payload: '{"broken',
  })
  await annas.hears('resync')
  await environment.fakeMessages.publishEntry({ stream, type: 'of the future', key: chat, payload: '{}' })
  await environment.fakeMessages.publishEntry({ stream, type: '__proto__', key: chat, payload: '{}' })
  await environment.fakeMessages.say(chat, 'still here')

  await eventually(() => expect(annas.texts()).toEqual(['still here']))
})

test('a fact about one person reaches all their devices and nobody else', async () => {
  await using environment = await startEnvironment({ nodes: 2 })
  const [anna, ben] = [newWho(), newWho()]
  const devices = [await environment.enter(anna, 0), await environment.enter(newWho(anna.userId), 1)]
  const bens = await environment.enter(ben, 0)

  const data = { conversationId: newId(), me: toMe({ pinned: true }) }
  const fact = { userId: anna.userId, type: 'conversation.me', data }
  await environment.fakeMessages.publishEntry({
    stream: streamName('messages', 3),
    type: 'account',
    key: anna.userId,
    payload: JSON.stringify(fact),
  })

  for (const device of devices) {
    expect(await device.hears('account')).toEqual({ type: 'conversation.me', data })
  }
  expect(bens.heard('account')).toEqual([])
})
