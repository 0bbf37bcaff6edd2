import { newId } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { expect, test } from 'vitest'
import { waitingBytes } from '../src/wire/waiting-bytes.ts'
import { openRaw } from './fixture/raw-socket.ts'
import { newWho } from './fixture/start-issuer.ts'
import { startWorld, type World } from './fixture/start-world.ts'

/** A megabyte waits at most, and the frame that was the last to be added. */
const mostKept = 1.25 * 1024 * 1024

test('someone who does not read is let go, told to sync if they ever read that, and nobody else notices', async () => {
  await using world = await startWorld()
  const [slow, quick] = [newWho(), newWho()]
  const chat = world.archive.conversationOf(slow.userId, quick.userId)
  const quicks = await world.enter(quick)
  const [node] = world.nodes
  using raw = await openRaw(node?.url ?? '', await world.issuer.tokenOf(slow))
  raw.ws.pause()

  const long = 'x'.repeat(100_000)
  const socket = socketOf(world, slow.userId)
  const isThere = () => (node?.ctx.io.sockets.adapter.rooms.get(`u:${slow.userId}`)?.size ?? 0) > 0
  let most = 0
  for (let i = 0; i < 200 && isThere(); i += 1) {
    await world.archive.say(chat, long)
    await quicks.hears('events', i + 1).catch(() => {})
    most = Math.max(most, waitingBytes(socket))
  }

  await eventually(() => expect(isThere()).toBe(false))
  await world.archive.say(chat, 'the end')
  await eventually(() => expect(quicks.texts().at(-1)).toBe('the end'))
  expect(quicks.endedBy()).toBeUndefined()

  expect(most).toBeLessThan(mostKept)
  raw.ws.resume()
  await eventually(() => expect(raw.isClosed()).toBe(true))
  expect(raw.frames.at(-1)).toMatch(/^42\["resync",/)
})

function socketOf(world: World, userId: string) {
  const sockets = [...(world.nodes[0]?.ctx.io.sockets.sockets.values() ?? [])]
  const socket = sockets.find(({ data }) => data.userId === userId)
  if (!socket) throw new Error('Nobody is connected')
  return socket
}

/** Has more wait for a socket than a connection that is read explains, and less than it may. */
async function fall(socket: ReturnType<typeof socketOf>) {
  const reason = 'x'.repeat(50_000)
  for (let calm = 0; calm < 5; calm += 1) {
    for (; waitingBytes(socket) < 200_000; calm = 0) socket.emit('resync', { reason })
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

test('someone who falls behind misses what is fleeting and nothing else', async () => {
  await using world = await startWorld()
  const [slow, quick, third] = [newWho(), newWho(), newWho()]
  const chat = world.archive.conversationOf(slow.userId, quick.userId, third.userId)
  const [quicks, thirds] = [await world.enter(quick), await world.enter(third)]
  using raw = await openRaw(world.nodes[0]?.url ?? '', await world.issuer.tokenOf(slow))
  raw.ws.pause()
  await fall(socketOf(world, slow.userId))

  await quicks.ask('typing', { conversationId: chat, active: true })
  await thirds.hears('typing')
  await world.archive.say(chat, 'what counts')
  await thirds.hears('events')

  raw.ws.resume()
  await eventually(() => expect(raw.frames.at(-1)).toContain('what counts'))
  expect(raw.frames.filter((frame) => frame.startsWith('42["typing"'))).toEqual([])
})

test('someone who stands still for ten seconds is let go, however little waits for them', async () => {
  await using world = await startWorld()
  const slow = newWho()
  using raw = await openRaw(world.nodes[0]?.url ?? '', await world.issuer.tokenOf(slow))
  raw.ws.pause()
  const socket = socketOf(world, slow.userId)
  await fall(socket)
  expect(waitingBytes(socket)).toBeLessThan(mostKept)

  await eventually(() => expect(socket.connected).toBe(false), { within: 20_000 })
  expect(await figure(world, 'realtime_closed_total{reason="behind"')).toBe(1)
}, 30_000)

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
  const socket = socketOf(world, slow.userId)

  const text = '語'.repeat(8000)
  let most = 0
  for (let i = 0; i < 3000 && socket.connected; i += 1) {
    raw.ws.send(`42${i}["send",${JSON.stringify({ conversationId: chat, id: newId(), text })}]`)
    if (i % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    most = Math.max(most, waitingBytes(socket))
  }

  await eventually(() => expect(socket.connected).toBe(false))
  expect(await figure(world, 'realtime_closed_total{reason="behind"')).toBe(1)
  expect(most).toBeLessThan(mostKept)
}, 30_000)

test('what Engine.IO keeps for a socket that takes no more counts as waiting', async () => {
  await using world = await startWorld()
  const slow = newWho()
  using raw = await openRaw(world.nodes[0]?.url ?? '', await world.issuer.tokenOf(slow))
  raw.ws.pause()
  const socket = socketOf(world, slow.userId)
  const reason = 'x'.repeat(100_000)
  for (let i = 0; i < 200; i += 1) socket.emit('resync', { reason })
  expect(waitingBytes(socket)).toBeGreaterThan(10_000_000)
})
