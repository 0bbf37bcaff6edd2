import { eventually } from '@finnigram/testing'
import { expect, test } from 'vitest'
import { startEnvironment } from './fixture/start-environment.ts'
import { newWho } from './fixture/start-fake-users.ts'

test('in a large group typing notices are coalesced, and nobody gets their own', async () => {
  await using environment = await startEnvironment()
  const people = Array.from({ length: 60 }, () => newWho())
  const chat = environment.fakeMessages.conversationOf(...people.map(({ userId }) => userId))
  const devices = await Promise.all(people.map((who) => environment.connect(who)))
  const [listener, ...others] = devices
  if (!listener) throw new Error('Nobody listens')
  const writers = others.slice(0, 12)

  await Promise.all(writers.map((writer) => writer.request('typing', { conversationId: chat, active: true })))

  await eventually(() => expect(listener.received('typing')).not.toEqual([]))
  expect(listener.received('typing').length).toBeLessThan(12)
  for (const writer of writers) {
    expect(writer.received('typing').filter(({ userId }) => userId === writer.who.userId)).toEqual([])
  }
  await listener.request('typing', { conversationId: chat, active: true })
  for (const writer of writers) {
    await eventually(() => expect(writer.received('typing').at(-1)?.userId).toBe(listener.who.userId))
  }
})
