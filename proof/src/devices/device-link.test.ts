import { createServer } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { createRandom } from '../generator/random.ts'
import { openDeviceLink } from './device-link.ts'
import { toMark } from './flight-recorder.ts'

const http = createServer((_, response) => response.end(JSON.stringify({ text: `${toMark(7)} over REST` })))
const sockets = new WebSocketServer({ server: http, perMessageDeflate: false })
let url = ''
const news = (text: string) => `42["events",[{"text":"${text}"}]]`

beforeAll(async () => {
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const address = http.address()
  url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  sockets.on('connection', (socket) => {
    socket.on('message', (data) => socket.send(String(data)))
  })
})
afterAll(() => {
  for (const socket of sockets.clients) socket.terminate()
  http.close()
})

async function connect(linkUrl: string): Promise<{ socket: WebSocket; heard: string[] }> {
  const socket = new WebSocket(linkUrl.replace('http', 'ws'))
  const heard: string[] = []
  socket.on('message', (data) => heard.push(String(data)))
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  return { socket, heard }
}

test('what comes in is noted by its number, by REST and over the socket', async () => {
  const texts: number[] = []
  await using link = await openDeviceLink({
    url,
    random: createRandom(1, 'link'),
    onText: (number) => texts.push(number),
    onAcknowledged: () => undefined,
  })
  expect(await (await fetch(link.url)).json()).toEqual({ text: '[[00000007]] over REST' })
  const { socket, heard } = await connect(link.url)
  socket.send(news(`${toMark(12)} live`))
  socket.send(news('x'.repeat(70_000) + toMark(13)))
  await expect.poll(() => heard.length).toBe(2)
  expect(texts).toEqual([7, 12, 13])
})

test('a cut ends open connections, and without a network there are no new ones', async () => {
  await using link = await openDeviceLink({
    url,
    random: createRandom(1, 'link'),
    onText: () => undefined,
    onAcknowledged: () => undefined,
  })
  const { socket } = await connect(link.url)
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.on('error', () => undefined)
  link.cut()
  await closed
  link.isUp = false
  await expect(fetch(link.url)).rejects.toThrow()
  link.isUp = true
  expect((await fetch(link.url)).ok).toBe(true)
})

test('shuffled news is doubled and overtaken, none is left out, and answers stay in their place', async () => {
  await using link = await openDeviceLink({
    url,
    random: createRandom(1, 'link'),
    onText: () => undefined,
    onAcknowledged: () => undefined,
  })
  const { socket, heard } = await connect(link.url)
  link.shuffles = true
  for (let number = 0; number < 100; number += 1) socket.send(news(`${number}`))
  const expected = Array.from({ length: 100 }, (_, number) => news(`${number}`))
  await expect.poll(() => new Set(heard).size).toBe(100)
  expect(heard.length).toBeGreaterThan(100)
  expect([...new Set(heard)]).not.toEqual(expected)
  expect(new Set(heard)).toEqual(new Set(expected))

  const before = heard.length
  for (let number = 0; number < 50; number += 1) socket.send(`43${number}[]`)
  await expect.poll(() => heard.length - before).toBe(50)
  expect(heard.slice(before)).toEqual(Array.from({ length: 50 }, (_, number) => `43${number}[]`))
})
