import { eventually } from '@finnigram/service-kit/testing'
import { expect, test } from 'vitest'
import { openRaw } from './fixture/raw-socket.ts'
import { newWho } from './fixture/start-issuer.ts'
import { startWorld } from './fixture/start-world.ts'

test('someone who does not read is let go, and nobody else notices', async () => {
  await using world = await startWorld()
  const [slow, quick] = [newWho(), newWho()]
  const chat = world.archive.conversationOf(slow.userId, quick.userId)
  const quicks = await world.enter(quick)
  const [node] = world.nodes
  using raw = await openRaw(node?.url ?? '', await world.issuer.tokenOf(slow))
  raw.ws.pause()

  const long = 'x'.repeat(100_000)
  const isThere = () => (node?.ctx.io.sockets.adapter.rooms.get(`u:${slow.userId}`)?.size ?? 0) > 0
  for (let i = 0; i < 200 && isThere(); i += 1) {
    await world.archive.say(chat, long)
    await quicks.hears('events', i + 1).catch(() => {})
  }

  await eventually(() => expect(isThere()).toBe(false))
  await world.archive.say(chat, 'the end')
  await eventually(() => expect(quicks.texts().at(-1)).toBe('the end'))
  expect(quicks.endedBy()).toBeUndefined()
})
