import { newId, streamName } from '@finnigram/contracts'
import { eventually, expectLog } from '@finnigram/testing'
import { expect, test } from 'vitest'
import { newWho } from './fixture/start-issuer.ts'
import { startWorld } from './fixture/start-world.ts'
import { toMe } from './fixture/to-participant.ts'

test('two people on two nodes hear what is said, in order', async () => {
  await using world = await startWorld({ nodes: 2 })
  const [anna, ben] = [newWho(), newWho()]
  const chat = world.archive.conversationOf(anna.userId, ben.userId)
  const annas = await world.enter(anna, 0)
  const bens = await world.enter(ben, 1)

  const texts = Array.from({ length: 50 }, (_, i) => `message ${i} – ü 漢 🙂`)
  for (const text of texts) await world.archive.say(chat, text)

  await eventually(() => {
    expect(annas.texts()).toEqual(texts)
    expect(bens.texts()).toEqual(texts)
  })
})

test('only those who take part hear it', async () => {
  await using world = await startWorld()
  const [anna, ben, carl] = [newWho(), newWho(), newWho()]
  const chat = world.archive.conversationOf(anna.userId, ben.userId)
  const others = world.archive.conversationOf(carl.userId)
  const annas = await world.enter(anna)
  const carls = await world.enter(carl)

  await world.archive.say(chat, 'for us')
  await world.archive.say(others, 'for me')

  await carls.hears('events')
  await annas.hears('events')
  expect(carls.texts()).toEqual(['for me'])
  expect(annas.texts()).toEqual(['for us'])
})

test('what waits together comes as one frame for each conversation', async () => {
  await using world = await startWorld()
  const anna = newWho()
  const chat = world.archive.conversationOf(anna.userId)
  const annas = await world.enter(anna)

  await Promise.all(Array.from({ length: 300 }, (_, i) => world.archive.say(chat, `${i}`)))

  await eventually(() => expect(annas.facts()).toHaveLength(300))
  expect(annas.heard('events').length).toBeLessThan(50)
  expect(annas.facts().map(({ version }) => version)).toEqual(Array.from({ length: 300 }, (_, i) => i + 2))
})

test('a frame larger than 64 KiB arrives whole', async () => {
  await using world = await startWorld()
  const anna = newWho()
  const chat = world.archive.conversationOf(anna.userId)
  const annas = await world.enter(anna)

  const long = 'ä'.repeat(90_000)
  await world.archive.say(chat, long)
  await world.archive.say(chat, 'short')

  await eventually(() => expect(annas.texts()).toEqual([long, 'short']))
})

test('what a relay publishes twice is emitted once', async () => {
  await using world = await startWorld()
  const anna = newWho()
  const chat = world.archive.conversationOf(anna.userId)
  const annas = await world.enter(anna)

  const first = await world.archive.say(chat, 'first')
  const second = await world.archive.say(chat, 'second')
  await world.archive.publish(first)
  await world.archive.publish(second)
  await world.archive.say(chat, 'third')

  await eventually(() => expect(annas.texts()).toContain('third'))
  expect(annas.texts()).toEqual(['first', 'second', 'third'])
})

test('an entry that cannot be read is left out: its conversation syncs, and the rest arrives', async () => {
  expectLog(/could not be delivered/)
  await using world = await startWorld()
  const anna = newWho()
  const chat = world.archive.conversationOf(anna.userId)
  const annas = await world.enter(anna)
  const stream = streamName('messages', 0)

  await world.archive.publishEntry({ stream, type: 'conversation.created', key: chat, payload: '{"broken' })
  await annas.hears('resync')
  await world.archive.publishEntry({ stream, type: 'of the future', key: chat, payload: '{}' })
  await world.archive.publishEntry({ stream, type: '__proto__', key: chat, payload: '{}' })
  await world.archive.say(chat, 'still here')

  await eventually(() => expect(annas.texts()).toEqual(['still here']))
})

test('a fact about one person reaches all their devices and nobody else', async () => {
  await using world = await startWorld({ nodes: 2 })
  const [anna, ben] = [newWho(), newWho()]
  const devices = [await world.enter(anna, 0), await world.enter(newWho(anna.userId), 1)]
  const bens = await world.enter(ben, 0)

  const data = { conversationId: newId(), me: toMe({ pinned: true }) }
  const fact = { userId: anna.userId, type: 'conversation.me', data }
  await world.archive.publishEntry({
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
