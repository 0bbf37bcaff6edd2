import { eventually } from '@finnigram/testing'
import { expect, test } from 'vitest'
import { newWho } from './fixture/start-issuer.ts'
import { startWorld } from './fixture/start-world.ts'

test('in a crowd, of those who write at once the latest are told together, to everyone but themselves', async () => {
  await using world = await startWorld()
  const people = Array.from({ length: 60 }, () => newWho())
  const chat = world.archive.conversationOf(...people.map(({ userId }) => userId))
  const devices = await Promise.all(people.map((who) => world.enter(who)))
  const [listener, ...others] = devices
  if (!listener) throw new Error('Nobody listens')
  const writers = others.slice(0, 12)

  await Promise.all(writers.map((writer) => writer.ask('typing', { conversationId: chat, active: true })))

  await eventually(() => expect(listener.heard('typing')).not.toEqual([]))
  expect(listener.heard('typing').length).toBeLessThan(12)
  for (const writer of writers) {
    expect(writer.heard('typing').filter(({ userId }) => userId === writer.who.userId)).toEqual([])
  }
  await listener.ask('typing', { conversationId: chat, active: true })
  for (const writer of writers) {
    await eventually(() => expect(writer.heard('typing').at(-1)?.userId).toBe(listener.who.userId))
  }
})
