import type { HandshakeError } from '@finnigram/contracts'
import { eventually } from '@finnigram/service-kit/testing'
import { expect, test } from 'vitest'
import { type Device, openDevice } from './fixture/person.ts'
import { newWho } from './fixture/start-issuer.ts'
import { startWorld, type World } from './fixture/start-world.ts'

const url = (world: World) => world.nodes[0]?.url ?? ''

/** Knocks and waits to be let in or turned away; `undefined` for the former. */
function knock(world: World, token: string): Promise<HandshakeError | undefined> {
  using stack = new DisposableStack()
  const device = stack.use(openDevice(url(world), token, newWho()))
  const answer = new Promise<HandshakeError | undefined>((resolve) => {
    device.socket.on('connect_error', (error: Error & { data?: HandshakeError }) => resolve(error.data))
    device.socket.on('ready', () => resolve(undefined))
  })
  const kept = stack.move()
  return answer.finally(() => kept.dispose())
}

test('without a place, a client is told when to come back before its token is looked at, and is let in then', async () => {
  await using world = await startWorld({ env: { CONNECTIONS_PER_SECOND: '1' } })
  await world.enter(newWho())

  const refusal = await knock(world, 'junk')
  expect(refusal).toEqual({ code: 'unavailable', retryAfterMs: expect.any(Number) })
  expect(refusal?.retryAfterMs).toBeGreaterThan(0)
  expect(await (await fetch(`${url(world)}/metrics`)).text()).toMatch(/^realtime_turned_away_total\{.*\} 1$/m)

  await new Promise((resolve) => setTimeout(resolve, refusal?.retryAfterMs))
  expect(await knock(world, 'junk')).toEqual({ code: 'unauthenticated' })
})

test('of many who come at once each is told another moment', async () => {
  await using world = await startWorld({ env: { CONNECTIONS_PER_SECOND: '5' } })
  const refusals = (await Promise.all(Array.from({ length: 40 }, () => knock(world, 'junk')))).filter(
    (refusal) => refusal?.code === 'unavailable',
  )
  const moments = refusals.map((refusal) => refusal?.retryAfterMs ?? 0)
  expect(moments.length).toBeGreaterThan(20)
  expect(Math.max(...moments) - Math.min(...moments)).toBeGreaterThan(3000)
})

test('while the messages service does not answer only so many wait for it, and all are let in once it does', async () => {
  await using world = await startWorld({ env: { CONNECTIONS_UNDER_WAY: '2' } })
  const answering = Promise.withResolvers<void>()
  world.archive.beforeMemberships = () => answering.promise
  const waiting: Device[] = [await world.knock(newWho()), await world.knock(newWho())]
  const joining = async () =>
    /^realtime_joining\{.*\} (\d+)$/m.exec(await (await fetch(`${url(world)}/metrics`)).text())?.[1]
  await eventually(async () => expect(await joining()).toBe('2'))

  expect(await knock(world, 'junk')).toMatchObject({ code: 'unavailable' })

  answering.resolve()
  for (const device of waiting) await device.hears('ready')
  await world.enter(newWho())
  expect(await joining()).toBe('0')
})

test('health and metrics are answered whoever else is turned away', async () => {
  await using world = await startWorld({ env: { CONNECTIONS_PER_SECOND: '1' } })
  await world.enter(newWho())
  for (let i = 0; i < 5; i += 1) expect((await knock(world, 'junk'))?.code).toBe('unavailable')
  expect((await fetch(`${url(world)}/health/live`)).status).toBe(200)
})
