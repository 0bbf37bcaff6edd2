import type { HandshakeError, ServerEventData } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { io } from 'socket.io-client'
import { expect, test } from 'vitest'
import { type Device, openDevice } from './fixture/open-device.ts'
import { openRaw } from './fixture/raw-socket.ts'
import { type Environment, startEnvironment } from './fixture/start-environment.ts'
import { newWho } from './fixture/start-fake-users.ts'

const url = (environment: Environment) => environment.nodes[0]?.url ?? ''

type Answer = HandshakeError | ServerEventData['goodbye'] | undefined
const momentOf = (answer: Answer) =>
  answer && 'retryAfterMs' in answer ? (answer.retryAfterMs ?? null) : null

/** Knocks and waits to be let in, refused or sent away; `undefined` for the first. */
function tryToConnect(environment: Environment, token: string, address?: string): Promise<Answer> {
  using stack = new DisposableStack()
  const device = stack.use(openDevice(url(environment), token, newWho(), address))
  const answer = new Promise<Answer>((resolve) => {
    device.socket.on('connect_error', (error: Error & { data?: HandshakeError }) => resolve(error.data))
    device.socket.on('goodbye', resolve)
    device.socket.on('ready', () => resolve(undefined))
  })
  const kept = stack.move()
  return answer.finally(() => kept.dispose())
}

test('without a place, a client is told when to come back before its token is looked at, and is let in then', async () => {
  await using environment = await startEnvironment({
    env: { CONNECTIONS_PER_SECOND: '1', CONNECTIONS_AT_ONCE: '1' },
  })
  await environment.connect(newWho())

  const retryAfterMs = momentOf(await tryToConnect(environment, 'junk')) ?? 0
  expect(retryAfterMs).toBeGreaterThan(0)
  expect(await (await fetch(`${url(environment)}/metrics`)).text()).toMatch(
    /^realtime_turned_away_total\{.*\} 1$/m,
  )

  await new Promise((resolve) => setTimeout(resolve, retryAfterMs))
  expect(await tryToConnect(environment, 'junk')).toEqual({ code: 'unauthenticated' })
})

test('of many who come at once each is told another moment', async () => {
  await using environment = await startEnvironment({
    env: { CONNECTIONS_PER_SECOND: '5', CONNECTIONS_AT_ONCE: '1' },
  })
  const tokens = await Promise.all(Array.from({ length: 40 }, () => environment.fakeUsers.tokenOf(newWho())))
  const answers = await Promise.all(tokens.map((token) => tryToConnect(environment, token)))
  const moments = answers.map(momentOf).filter((moment) => moment !== null)
  expect(moments.length).toBeGreaterThan(20)
  expect(Math.max(...moments) - Math.min(...moments)).toBeGreaterThan(3000)
})

test('while the messages service does not answer only so many wait for it, and all are let in once it does', async () => {
  await using environment = await startEnvironment({ env: { CONNECTIONS_UNDER_WAY: '2' } })
  const answering = Promise.withResolvers<void>()
  environment.fakeMessages.beforeMemberships = () => answering.promise
  const waiting: Device[] = [
    await environment.openConnection(newWho()),
    await environment.openConnection(newWho()),
  ]
  const joining = async () =>
    /^realtime_joining\{.*\} (\d+)$/m.exec(await (await fetch(`${url(environment)}/metrics`)).text())?.[1]
  await eventually(async () => expect(await joining()).toBe('2'))

  expect(momentOf(await tryToConnect(environment, 'junk'))).not.toBeNull()

  answering.resolve()
  for (const device of waiting) await device.waitFor('ready')
  await environment.connect(newWho())
  expect(await joining()).toBe('0')
})

test('health and metrics are answered while connections are shed', async () => {
  await using environment = await startEnvironment({
    env: { CONNECTIONS_PER_SECOND: '1', CONNECTIONS_AT_ONCE: '1' },
  })
  await environment.connect(newWho())
  for (let i = 0; i < 5; i += 1) expect(momentOf(await tryToConnect(environment, 'junk'))).not.toBeNull()
  expect((await fetch(`${url(environment)}/health/live`)).status).toBe(200)
})

test('a plain Socket.IO client that is sent away comes back by itself', async () => {
  await using environment = await startEnvironment({
    env: { CONNECTIONS_PER_SECOND: '2', CONNECTIONS_AT_ONCE: '1' },
  })
  await environment.connect(newWho())
  const token = await environment.fakeUsers.tokenOf(newWho())
  const socket = io(url(environment), {
    transports: ['websocket'],
    auth: { token },
    reconnectionDelay: 300,
    forceNew: true,
  })
  const heard: string[] = []
  socket.onAny((event: string) => heard.push(event))
  await eventually(async () => expect(heard.at(-1)).toBe('ready'))
  expect(heard[0]).toBe('goodbye')
  socket.disconnect()
})

test('clients get the reconnect window, and again when the number of sockets changes', async () => {
  await using environment = await startEnvironment({ env: { CONNECTIONS_PER_SECOND: '4' } })
  const first = await environment.connect(newWho())
  expect(first.received('ready')).toMatchObject([{ comebackWithinMs: 500 }])
  for (const _ of Array(3)) await environment.connect(newWho())
  await eventually(() => expect(first.received('crowd')).toContainEqual({ comebackWithinMs: 1300 }))
})

test('who shows no good token takes nobody’s place', async () => {
  await using environment = await startEnvironment({
    env: { CONNECTIONS_PER_SECOND: '1', CONNECTIONS_AT_ONCE: '2' },
  })
  await environment.connect(newWho())
  await new Promise((resolve) => setTimeout(resolve, 1100))
  for (let n = 0; n < 10; n += 1)
    expect(await tryToConnect(environment, 'junk')).toEqual({ code: 'unauthenticated' })
  await environment.connect(newWho())
})

test('an address whose sockets never show a token finds no more places; one whose sockets do always does', async () => {
  // Four places, and one more in 25 seconds.
  await using environment = await startEnvironment({ env: { RATE_LIMIT_SCALE: '0.02' } })
  for (let n = 0; n < 8; n += 1) await environment.connect(newWho())
  using silent = new DisposableStack()
  for (let n = 0; n < 4; n += 1) silent.use(await openRaw(url(environment)))

  const token = await environment.fakeUsers.tokenOf(newWho())
  expect(momentOf(await tryToConnect(environment, token))).toBeGreaterThan(1000)
  const metrics = await (await fetch(`${url(environment)}/metrics`)).text()
  expect(metrics).toMatch(/^realtime_turned_away_total\{.*reason="address".*\} 1$/m)
})

test('who opens sockets without end takes nobody’s place, and is told when to come back', async () => {
  // Six sockets a minute of one person, and twelve of an address that come to nothing.
  await using environment = await startEnvironment({
    env: { RATE_LIMIT_SCALE: '0.1', CONNECTIONS_PER_SECOND: '8', CONNECTIONS_AT_ONCE: '300' },
  })
  const who = newWho()
  const token = await environment.fakeUsers.tokenOf(who)
  for (let n = 0; n < 6; n += 1) expect(await tryToConnect(environment, token, '10.1.1.1')).toBeUndefined()

  const answers = await Promise.all(
    Array.from({ length: 40 }, () => tryToConnect(environment, token, '10.1.1.1')),
  )
  const limited = answers.filter((answer) => answer && 'code' in answer && answer.code === 'rate_limited')
  expect(limited.length).toBeGreaterThanOrEqual(8)
  expect(limited.length).toBeLessThan(20)
  for (const answer of answers) expect(momentOf(answer)).toBeGreaterThan(0)

  const others = Array.from({ length: 3 }, () => environment.fakeUsers.tokenOf(newWho()))
  for (const other of others) expect(await tryToConnect(environment, await other, '10.2.2.2')).toBeUndefined()
})
