import { newId } from '@finnigram/contracts'
import { eventually } from '@finnigram/service-kit/testing'
import { expect, test } from 'vitest'
import { waitingBytes } from '../src/wire/waiting-bytes.ts'
import { openRaw } from './fixture/raw-socket.ts'
import { newWho } from './fixture/start-issuer.ts'
import { startWorld, type World } from './fixture/start-world.ts'

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

const figure = async (world: World, name: string) => {
  const text = await (await fetch(`${world.nodes[0]?.url}/metrics`)).text()
  return Number(
    text
      .split('\n')
      .find((line) => line.startsWith(name))
      ?.split(' ')
      .at(-1) ?? 0,
  )
}

test('someone who asks without reading the answers is let go before they fill the memory', async () => {
  await using world = await startWorld({ env: { RATE_LIMIT_SCALE: '1000' } })
  const slow = newWho()
  const chat = world.archive.conversationOf(slow.userId)
  using raw = await openRaw(world.nodes[0]?.url ?? '', await world.issuer.tokenOf(slow))
  raw.ws.pause()
  const [socket] = world.nodes[0]?.ctx.io.sockets.sockets.values() ?? []
  if (!socket) throw new Error('Nobody is connected')

  const text = '語'.repeat(8000)
  let most = 0
  for (let i = 0; i < 3000 && socket.connected; i += 1) {
    raw.ws.send(`42${i}["send",${JSON.stringify({ conversationId: chat, id: newId(), text })}]`)
    if (i % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    most = Math.max(most, waitingBytes(socket))
  }

  await eventually(() => expect(socket.connected).toBe(false))
  expect(await figure(world, 'realtime_closed_total{reason="behind"')).toBe(1)
  // What was under way when the limit was reached is answered, too.
  expect(most).toBeLessThan(8 * 1024 * 1024)
}, 30_000)

test('what Engine.IO keeps for a socket that takes no more counts as waiting', async () => {
  await using world = await startWorld()
  const slow = newWho()
  using raw = await openRaw(world.nodes[0]?.url ?? '', await world.issuer.tokenOf(slow))
  raw.ws.pause()
  const [socket] = world.nodes[0]?.ctx.io.sockets.sockets.values() ?? []
  if (!socket) throw new Error('Nobody is connected')
  const reason = 'x'.repeat(100_000)
  for (let i = 0; i < 200; i += 1) socket.emit('resync', { reason })
  expect(waitingBytes(socket)).toBeGreaterThan(10_000_000)
})
