import { connect } from 'node:net'
import { newId } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { expect, test } from 'vitest'
import { openRaw } from './fixture/raw-socket.ts'
import { type Environment, startEnvironment } from './fixture/start-environment.ts'
import { newWho } from './fixture/start-fake-users.ts'

const url = (environment: Environment) => environment.nodes[0]?.url ?? ''

const fatal: Record<string, string | Buffer> = {
  'no packet at all': 'garbage',
  'an unknown packet type': '49',
  'an event that is no array': '42{"a":1}',
  'an event that is no JSON': '42["send",',
  'a reserved event name': '42["disconnect"]',
  'an event without a name': '42[null]',
  'binary data out of the blue': Buffer.from([1, 2, 3]),
  'a second connect': '40{"token":"x"}',
  'too many attachments': '4599-["send",{"_placeholder":true,"num":0}]',
  'more than the largest packet': `42["send","${'x'.repeat(101_000)}"]`,
  'a ping in the wrong direction': '2',
}

for (const [name, packet] of Object.entries(fatal)) {
  test(`${name} ends that socket alone`, async () => {
    await using environment = await startEnvironment()
    const [anna, neighbour] = [newWho(), newWho()]
    const chat = environment.fakeMessages.conversationOf(neighbour.userId)
    const neighbours = await environment.connect(neighbour)
    using raw = await openRaw(url(environment), await environment.fakeUsers.tokenOf(anna))

    raw.ws.send(packet)

    await eventually(() => expect(raw.isClosed()).toBe(true))
    await environment.fakeMessages.say(chat, 'still here')
    await eventually(() => expect(neighbours.texts()).toEqual(['still here']))
  })
}

const harmless = [
  '42["send"]',
  '42["send",{}]',
  '42["nothing of ours",1,2,3]',
  '42["__proto__",{}]',
  '42["constructor",{}]',
  '42["error","x"]',
  '42[7]',
  '420["typing",null,{"a":1},"more"]',
  '431[]',
  '43999["an answer to nothing"]',
  '3',
  '6',
]

test('events without acknowledgement, unknown ones and odd ones are survived', async () => {
  await using environment = await startEnvironment()
  using raw = await openRaw(url(environment), await environment.fakeUsers.tokenOf(newWho()))
  for (const packet of harmless) raw.ws.send(packet)
  raw.ws.send('425["away"]')
  await eventually(() => expect(raw.frames).toContain('435[{"ok":true}]'))
  expect(raw.isClosed()).toBe(false)
})

test('an unknown event is answered when it asks for that', async () => {
  await using environment = await startEnvironment()
  const annas = await environment.connect(newWho())
  expect(await annas.requestAnything('toString', {})).toMatchObject({
    ok: false,
    error: { code: 'validation_failed' },
  })
})

test('a flood of events is refused, and ends that socket when it goes on', async () => {
  await using environment = await startEnvironment()
  const [anna, neighbour] = [newWho(), newWho()]
  const neighbours = await environment.connect(neighbour)
  const annas = await environment.connect(anna)

  const replies = await Promise.all(Array.from({ length: 250 }, () => annas.requestAnything('away')))
  expect(replies.at(-1)).toMatchObject({ ok: false, error: { code: 'rate_limited', status: 429 } })
  for (let i = 0; i < 400; i += 1) annas.socket.emit('nothing of ours')

  await eventually(() => expect(annas.endedBy()).toBeDefined())
  expect(await neighbours.requestAnything('away')).toEqual({ ok: true })
})

test('what costs more counts more: tokens to check, and many people to watch', async () => {
  await using environment = await startEnvironment()
  const [anna, ben] = [await environment.connect(newWho()), await environment.connect(newWho())]
  const token = await environment.fakeUsers.tokenOf(anna.who)
  const tokens = await Promise.all(Array.from({ length: 40 }, () => anna.request('authorise', { token })))
  const userIds = Array.from({ length: 500 }, () => newId())
  const watches = await Promise.all(Array.from({ length: 20 }, () => ben.request('watch', { userIds })))
  for (const replies of [tokens, watches]) {
    expect(replies[0]).toMatchObject({ ok: true })
    expect(replies.at(-1)).toMatchObject({ ok: false, error: { code: 'rate_limited', status: 429 } })
  }
})

test('all sockets of a person together may ask so much of presence, and no more', async () => {
  await using environment = await startEnvironment()
  const who = newWho()
  const devices = [await environment.connect(who), await environment.connect(newWho(who.userId))]
  const other = await environment.connect(newWho())
  const watch = (device: typeof other) => device.request('watch', { userIds: [who.userId] })

  const replies = await Promise.all(
    devices.flatMap((device) => Array.from({ length: 70 }, () => watch(device))),
  )
  expect(replies.filter(({ ok }) => ok).length).toBeLessThan(140)
  expect(replies.find(({ ok }) => !ok)).toMatchObject({ error: { code: 'rate_limited', status: 429 } })
  expect(await watch(other)).toEqual({ ok: true })
})

test('a flood of packets that are no events ends that socket alone', async () => {
  await using environment = await startEnvironment()
  const neighbours = await environment.connect(newWho())
  using raw = await openRaw(url(environment), await environment.fakeUsers.tokenOf(newWho()))
  for (let i = 0; i < 2000; i += 1) raw.ws.send('40/nowhere,')
  await eventually(() => expect(raw.isClosed()).toBe(true))
  expect(await neighbours.requestAnything('away')).toEqual({ ok: true })
})

test('bytes that are no WebSocket frame end that connection alone', async () => {
  await using environment = await startEnvironment()
  const neighbours = await environment.connect(newWho())
  const { port } = new URL(url(environment))
  const socket = connect(Number(port), '127.0.0.1')
  let isClosed = false
  socket.on('close', () => {
    isClosed = true
  })
  socket.on('error', () => {})
  const handshake = [
    'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1',
    'Host: x',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  ]
  socket.write(`${handshake.join('\r\n')}\r\n\r\n`)
  await new Promise((resolve) => socket.once('data', resolve))
  socket.write(Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 1, 2, 3]))
  socket.resume()

  await eventually(() => expect(isClosed).toBe(true))
  expect(await neighbours.requestAnything('away')).toEqual({ ok: true })
})

test('other transports and other paths are refused', async () => {
  await using environment = await startEnvironment()
  const polling = await fetch(`${url(environment)}/socket.io/?EIO=4&transport=polling`)
  expect(polling.status).toBe(400)
  const nothing = await fetch(`${url(environment)}/v1/conversations/${newId()}`)
  expect(nothing.status).toBe(404)
})
