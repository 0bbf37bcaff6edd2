import { newId, streamName } from '@finnigram/contracts'
import { eventually, expectLog } from '@finnigram/testing'
import { expect, test } from 'vitest'
import { startEnvironment } from './fixture/start-environment.ts'
import { newWho } from './fixture/start-fake-users.ts'
import { toMe } from './fixture/to-participant.ts'

test('two people on two nodes get messages in order', async () => {
  await using environment = await startEnvironment({ nodes: 2 })
  const [anna, ben] = [newWho(), newWho()]
  const chat = environment.fakeMessages.conversationOf(anna.userId, ben.userId)
  const annas = await environment.connect(anna, 0)
  const bens = await environment.connect(ben, 1)

  const texts = Array.from({ length: 50 }, (_, i) => `message ${i} – ü 漢 🙂`)
  for (const text of texts) await environment.fakeMessages.say(chat, text)

  await eventually(() => {
    expect(annas.texts()).toEqual(texts)
    expect(bens.texts()).toEqual(texts)
  })
})

test('only participants get a message', async () => {
  await using environment = await startEnvironment()
  const [anna, ben, carl] = [newWho(), newWho(), newWho()]
  const chat = environment.fakeMessages.conversationOf(anna.userId, ben.userId)
  const others = environment.fakeMessages.conversationOf(carl.userId)
  const annas = await environment.connect(anna)
  const carls = await environment.connect(carl)

  await environment.fakeMessages.say(chat, 'for us')
  await environment.fakeMessages.say(others, 'for me')

  await carls.waitFor('events')
  await annas.waitFor('events')
  expect(carls.texts()).toEqual(['for me'])
  expect(annas.texts()).toEqual(['for us'])
})

test('events of one read come in one frame for each conversation', async () => {
  await using environment = await startEnvironment()
  const anna = newWho()
  const chat = environment.fakeMessages.conversationOf(anna.userId)
  const annas = await environment.connect(anna)

  await Promise.all(Array.from({ length: 300 }, (_, i) => environment.fakeMessages.say(chat, `${i}`)))

  await eventually(() => expect(annas.events()).toHaveLength(300))
  expect(annas.received('events').length).toBeLessThan(50)
  expect(annas.events().map(({ version }) => version)).toEqual(Array.from({ length: 300 }, (_, i) => i + 2))
})

test('a frame larger than 64 KiB arrives whole', async () => {
  await using environment = await startEnvironment()
  const anna = newWho()
  const chat = environment.fakeMessages.conversationOf(anna.userId)
  const annas = await environment.connect(anna)

  const long = 'ä'.repeat(90_000)
  await environment.fakeMessages.say(chat, long)
  await environment.fakeMessages.say(chat, 'short')

  await eventually(() => expect(annas.texts()).toEqual([long, 'short']))
})

test('what a relay publishes twice is emitted once', async () => {
  await using environment = await startEnvironment()
  const anna = newWho()
  const chat = environment.fakeMessages.conversationOf(anna.userId)
  const annas = await environment.connect(anna)

  const first = await environment.fakeMessages.say(chat, 'first')
  const second = await environment.fakeMessages.say(chat, 'second')
  await environment.fakeMessages.publish(first)
  await environment.fakeMessages.publish(second)
  await environment.fakeMessages.say(chat, 'third')

  await eventually(() => expect(annas.texts()).toContain('third'))
  expect(annas.texts()).toEqual(['first', 'second', 'third'])
})

test('an entry that cannot be read is skipped: its conversation resyncs, and the rest arrives', async () => {
  expectLog(/could not be delivered/)
  await using environment = await startEnvironment()
  const anna = newWho()
  const chat = environment.fakeMessages.conversationOf(anna.userId)
  const annas = await environment.connect(anna)
  const stream = streamName('messages', 0)

  await environment.fakeMessages.publishEntry({
    stream,
    type: 'conversation.created',
    key: chat,
    payload: '{"broken',
  })
  await annas.waitFor('resync')
  await environment.fakeMessages.publishEntry({ stream, type: 'of the future', key: chat, payload: '{}' })
  await environment.fakeMessages.publishEntry({ stream, type: '__proto__', key: chat, payload: '{}' })
  await environment.fakeMessages.say(chat, 'still here')

  await eventually(() => expect(annas.texts()).toEqual(['still here']))
})

test('an account event reaches all devices of its person and nobody else', async () => {
  await using environment = await startEnvironment({ nodes: 2 })
  const [anna, ben] = [newWho(), newWho()]
  const devices = [await environment.connect(anna, 0), await environment.connect(newWho(anna.userId), 1)]
  const bens = await environment.connect(ben, 0)

  const data = { conversationId: newId(), me: toMe({ pinned: true }) }
  const fact = { userId: anna.userId, type: 'conversation.me', data }
  await environment.fakeMessages.publishEntry({
    stream: streamName('messages', 3),
    type: 'account',
    key: anna.userId,
    payload: JSON.stringify(fact),
  })

  for (const device of devices) {
    expect(await device.waitFor('account')).toEqual({ type: 'conversation.me', data })
  }
  expect(bens.received('account')).toEqual([])
})
