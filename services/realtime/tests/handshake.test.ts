import { newId, streamName } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { expect, test } from 'vitest'
import { type Device, openDevice } from './fixture/person.ts'
import { openRaw } from './fixture/raw-socket.ts'
import { newWho, type Who } from './fixture/start-issuer.ts'
import { startWorld, type World } from './fixture/start-world.ts'
import { toProfile, toUser } from './fixture/to-participant.ts'

const url = (world: World) => world.nodes[0]?.url ?? ''

test('requires sign-in', async () => {
  await using world = await startWorld()
  for (const token of ['', 'junk', 'eyJhbGciOiJub25lIn0.e30.']) {
    using device = openDevice(url(world), token, newWho())
    expect(await device.refusal()).toBe('unauthenticated')
    await eventually(() => expect(device.socket.io.engine?.readyState).toBe('closed'))
  }
})

test('a token that has ended is named as that', async () => {
  await using world = await startWorld()
  const who = newWho()
  using device = openDevice(url(world), await world.issuer.tokenOf(who, -60), who)
  expect(await device.refusal()).toBe('token_expired')
})

test('while the keys were never seen, it is unavailable; afterwards nobody asks for them', async () => {
  await using world = await startWorld()
  const { url: nodeUrl } = await world.startNode({ USERS_URL: 'http://127.0.0.1:9' })
  const who = newWho()
  using device = openDevice(nodeUrl, await world.issuer.tokenOf(who), who)
  expect(await device.refusal()).toBe('unavailable')

  await world.enter(newWho())
  await world.issuer.stop()
  await world.enter(newWho())
})

test('a ready socket is told who it is', async () => {
  await using world = await startWorld()
  const who = newWho()
  const device = await world.enter(who)
  const [ready] = device.heard('ready')
  expect(ready).toMatchObject(who)
  expect(Date.parse(ready?.serverTime ?? '')).toBeCloseTo(Date.now(), -4)
})

test('a socket is closed some time after its token ended, without a word, so that the client comes back', async () => {
  await using world = await startWorld()
  const device = await world.enter(newWho())
  const stayer = await world.enter(newWho())
  for (const { data } of world.nodes[0]?.ctx.io.sockets.sockets.values() ?? []) {
    const isOver = data.userId === device.who.userId
    Reflect.set(data, 'tokenEndsAt', Date.now() - (isOver ? 31_000 : 20_000))
  }
  await eventually(() => expect(device.endedBy()).toBe('transport close'))
  expect(stayer.endedBy()).toBeUndefined()
})

test('a fresh token of the same session lets a socket live on past the end of the one before', async () => {
  await using world = await startWorld()
  const who = newWho()
  const device = await world.enter(who)
  const [socket] = world.nodes[0]?.ctx.io.sockets.sockets.values() ?? []
  Reflect.set(socket?.data ?? {}, 'tokenEndsAt', Date.now() - 60_000)

  const reply = await device.ask('authorise', { token: await world.issuer.tokenOf(who) })

  expect(reply).toEqual({ ok: true, tokenEndsInMs: expect.any(Number) })
  expect(socket?.data.tokenEndsAt).toBeGreaterThan(Date.now() + 800_000)
  expect(device.heard('ready')[0]?.tokenEndsInMs).toBeGreaterThan(800_000)
})

test('no token of another session or person, and none that is worth nothing, is taken for a fresh one', async () => {
  await using world = await startWorld()
  const who = newWho()
  const device = await world.enter(who)
  const codeFor = async (token: string) => {
    const reply = await device.ask('authorise', { token })
    return reply.ok ? 'ok' : reply.error.code
  }
  expect(await codeFor(await world.issuer.tokenOf(newWho()))).toBe('forbidden')
  expect(await codeFor(await world.issuer.tokenOf(newWho(who.userId)))).toBe('forbidden')
  expect(await codeFor('junk')).toBe('unauthenticated')
  expect(await codeFor(await world.issuer.tokenOf(who, -60))).toBe('token_expired')
  expect(await codeFor('')).toBe('validation_failed')
  expect(device.endedBy()).toBeUndefined()
})

test('a changed profile reaches the own devices and those who share a conversation', async () => {
  await using world = await startWorld({ nodes: 2 })
  const [anna, ben, carl] = [newWho(), newWho(), newWho()]
  world.archive.conversationOf(anna.userId, ben.userId)
  const annas = await world.enter(anna, 0)
  const bens = await world.enter(ben, 1)
  const carls = await world.enter(carl, 1)

  const user = { ...toUser(anna.userId), displayName: 'Anna B.' }
  await world.archive.publishEntry({
    stream: streamName('users', 0),
    type: 'user.updated',
    key: anna.userId,
    payload: JSON.stringify(toProfile(user)),
  })

  for (const device of [annas, bens]) {
    const told = { ...user, version: 2 }
    expect(await device.hears('account')).toEqual({ type: 'user.updated', data: { user: told } })
  }
  expect(carls.heard('account')).toEqual([])
})

test('of somebody who changes over and over the others hear the newest, not all; an ended account is told last', async () => {
  await using world = await startWorld()
  const [anna, ben] = [newWho(), newWho()]
  world.archive.conversationOf(anna.userId, ben.userId)
  const bens = await world.enter(ben)
  const publish = (type: string, payload: object) =>
    world.archive.publishEntry({
      stream: streamName('users', 0),
      type,
      key: anna.userId,
      payload: JSON.stringify(payload),
    })
  const last = 300
  for (let version = 1; version <= last; version += 1) {
    const user = { ...toUser(anna.userId), displayName: `Anna ${version}` }
    await publish('user.updated', { ...toProfile(user), version })
  }
  const heard = () =>
    bens.heard('account').map(({ data }) => (data as { user: { version: number } }).user.version)
  await eventually(() => expect(heard().at(-1)).toBe(last))
  expect(heard()).toEqual(heard().toSorted((a, b) => a - b))
  expect(heard().length).toBeLessThan(last / 2)

  const gone = { displayName: 'Deleted account', deleted: true, version: last + 1 }
  const user = { ...toUser(anna.userId), ...gone }
  await publish('user.deleted', { id: anna.userId, version: last + 1, user })
  await eventually(() =>
    expect(bens.heard('account').at(-1)).toEqual({ type: 'user.updated', data: { user } }),
  )
})

test('between two of whom one blocked the other, the profile of neither is told when it changes', async () => {
  await using world = await startWorld({ nodes: 2 })
  const [anna, ben, carl] = [newWho(), newWho(), newWho()]
  world.archive.conversationOf(anna.userId, ben.userId, carl.userId)
  world.issuer.people.blocks.add(`${anna.userId} ${ben.userId}`)
  const annas = await world.enter(anna, 0)
  const bens = await world.enter(ben, 1)
  const carls = await world.enter(carl, 1)
  const change = (who: Who, bio: string) =>
    world.archive.publishEntry({
      stream: streamName('users', 0),
      type: 'user.updated',
      key: who.userId,
      payload: JSON.stringify(toProfile({ ...toUser(who.userId), bio })),
    })
  const biosOf = (device: Device) =>
    device.heard('account').map(({ data }) => (data as { user: { bio: string } }).user.bio)

  for (const bio of ['of Anna', 'of Anna, again']) await change(anna, bio)
  await change(ben, 'of Ben')

  const all = ['of Anna', 'of Anna, again', 'of Ben']
  await eventually(() => expect(biosOf(carls).toSorted()).toEqual(all))
  await eventually(() => expect([biosOf(annas), biosOf(bens)]).toEqual([all.slice(0, 2), all.slice(2)]))
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect([biosOf(annas), biosOf(bens)]).toEqual([all.slice(0, 2), all.slice(2)])
})

test('one connection gets one try', async () => {
  await using world = await startWorld()
  using raw = await openRaw(url(world))
  for (let i = 0; i < 20; i += 1) raw.ws.send('40{"token":"eyJ.eyJ.x"}')
  await eventually(() => expect(raw.isClosed()).toBe(true))
})

test('whoever connects over and over is told to slow down', async () => {
  await using world = await startWorld()
  const who = newWho()
  const token = await world.issuer.tokenOf(who)
  const devices = Array.from({ length: 70 }, () => openDevice(url(world), token, who))
  const refused = Promise.race(devices.map((device) => device.refusal()))
  expect(await refused).toBe('rate_limited')
  for (const device of devices) device[Symbol.dispose]()
})

test('health names what the node needs, and stays ready without it', async () => {
  await using world = await startWorld()
  const ask = async (path: string) => {
    const reply = await fetch(url(world) + path)
    return { status: reply.status, body: await reply.text() }
  }
  expect((await ask('/health/live')).status).toBe(200)
  expect(JSON.parse((await ask('/health/ready')).body)).toMatchObject({
    status: 'ready',
    dependencies: { redis: { state: 'up' }, messages: { state: 'up' }, users: { state: 'up' } },
  })
  await world.enter(newWho(newId()))
  expect((await ask('/metrics')).body).toMatch(/^realtime_sockets\{.*\} 1$/m)

  await world.redis.stop()
  const { status, body } = await ask('/health/ready')
  expect(status).toBe(200)
  expect(JSON.parse(body)).toMatchObject({ status: 'degraded', dependencies: { redis: { state: 'down' } } })
})
