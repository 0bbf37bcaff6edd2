import { newId } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { expect, test } from 'vitest'
import { waitingBytes } from '../src/wire/backpressure.ts'
import { openRaw } from './fixture/raw-socket.ts'
import { type Environment, startEnvironment } from './fixture/start-environment.ts'
import { newWho } from './fixture/start-fake-users.ts'

/** A megabyte waits at most, and the frame that was the last to be added. */
const mostKept = 1.25 * 1024 * 1024

test('a client that does not read is closed after a resync, without effect on others', async () => {
  await using environment = await startEnvironment()
  const [slow, quick] = [newWho(), newWho()]
  const chat = environment.fakeMessages.conversationOf(slow.userId, quick.userId)
  const quicks = await environment.connect(quick)
  const [node] = environment.nodes
  using raw = await openRaw(node?.url ?? '', await environment.fakeUsers.tokenOf(slow))
  raw.ws.pause()

  const long = 'x'.repeat(100_000)
  const socket = socketOf(environment, slow.userId)
  const isThere = () => (node?.ctx.io.sockets.adapter.rooms.get(`u:${slow.userId}`)?.size ?? 0) > 0
  let most = 0
  for (let i = 0; i < 200 && isThere(); i += 1) {
    await environment.fakeMessages.say(chat, long)
    await quicks.waitFor('events', i + 1).catch(() => {})
    most = Math.max(most, waitingBytes(socket))
  }

  await eventually(() => expect(isThere()).toBe(false))
  await environment.fakeMessages.say(chat, 'the end')
  await eventually(() => expect(quicks.texts().at(-1)).toBe('the end'))
  expect(quicks.endedBy()).toBeUndefined()

  expect(most).toBeLessThan(mostKept)
  raw.ws.resume()
  await eventually(() => expect(raw.isClosed()).toBe(true))
  expect(raw.frames.at(-1)).toMatch(/^42\["resync",/)
})

function socketOf(environment: Environment, userId: string) {
  const sockets = [...(environment.nodes[0]?.ctx.io.sockets.sockets.values() ?? [])]
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

test('a slow client misses fleeting frames and nothing else', async () => {
  await using environment = await startEnvironment()
  const [slow, quick, third] = [newWho(), newWho(), newWho()]
  const chat = environment.fakeMessages.conversationOf(slow.userId, quick.userId, third.userId)
  const [quicks, thirds] = [await environment.connect(quick), await environment.connect(third)]
  using raw = await openRaw(environment.nodes[0]?.url ?? '', await environment.fakeUsers.tokenOf(slow))
  raw.ws.pause()
  await fall(socketOf(environment, slow.userId))

  await quicks.request('typing', { conversationId: chat, active: true })
  await thirds.waitFor('typing')
  await environment.fakeMessages.say(chat, 'what counts')
  await thirds.waitFor('events')

  raw.ws.resume()
  await eventually(() => expect(raw.frames.at(-1)).toContain('what counts'))
  expect(raw.frames.filter((frame) => frame.startsWith('42["typing"'))).toEqual([])
})

test('a client that stalls for ten seconds is closed, however little waits for it', async () => {
  await using environment = await startEnvironment()
  const slow = newWho()
  using raw = await openRaw(environment.nodes[0]?.url ?? '', await environment.fakeUsers.tokenOf(slow))
  raw.ws.pause()
  const socket = socketOf(environment, slow.userId)
  await fall(socket)
  expect(waitingBytes(socket)).toBeLessThan(mostKept)

  await eventually(() => expect(socket.connected).toBe(false), { within: 20_000 })
  expect(await figure(environment, 'realtime_closed_total{reason="behind"')).toBe(1)
}, 30_000)

const figure = async (environment: Environment, name: string) => {
  const text = await (await fetch(`${environment.nodes[0]?.url}/metrics`)).text()
  return Number(
    text
      .split('\n')
      .find((line) => line.startsWith(name))
      ?.split(' ')
      .at(-1) ?? 0,
  )
}

test('a client that does not read its acknowledgements is closed before they fill the memory', async () => {
  await using environment = await startEnvironment({ env: { RATE_LIMIT_SCALE: '1000' } })
  const slow = newWho()
  const chat = environment.fakeMessages.conversationOf(slow.userId)
  using raw = await openRaw(environment.nodes[0]?.url ?? '', await environment.fakeUsers.tokenOf(slow))
  raw.ws.pause()
  const socket = socketOf(environment, slow.userId)

  const text = '語'.repeat(8000)
  let most = 0
  for (let i = 0; i < 3000 && socket.connected; i += 1) {
    raw.ws.send(`42${i}["send",${JSON.stringify({ conversationId: chat, id: newId(), text })}]`)
    if (i % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    most = Math.max(most, waitingBytes(socket))
  }

  await eventually(() => expect(socket.connected).toBe(false))
  expect(await figure(environment, 'realtime_closed_total{reason="behind"')).toBe(1)
  expect(most).toBeLessThan(mostKept)
}, 30_000)

test("bytes in Engine.IO's queue count as waiting", async () => {
  await using environment = await startEnvironment()
  const slow = newWho()
  using raw = await openRaw(environment.nodes[0]?.url ?? '', await environment.fakeUsers.tokenOf(slow))
  raw.ws.pause()
  const socket = socketOf(environment, slow.userId)
  const reason = 'x'.repeat(100_000)
  for (let i = 0; i < 200; i += 1) socket.emit('resync', { reason })
  expect(waitingBytes(socket)).toBeGreaterThan(10_000_000)
})
