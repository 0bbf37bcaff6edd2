import { newId, streamName } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { expect, test } from 'vitest'
import { type Device, openDevice } from './fixture/open-device.ts'
import { openRaw } from './fixture/raw-socket.ts'
import { type Environment, startEnvironment } from './fixture/start-environment.ts'
import { newWho, type Who } from './fixture/start-fake-users.ts'
import { toProfile, toUser } from './fixture/to-participant.ts'

const url = (environment: Environment) => environment.nodes[0]?.url ?? ''

test('requires sign-in', async () => {
  await using environment = await startEnvironment()
  for (const token of ['', 'junk', 'eyJhbGciOiJub25lIn0.e30.']) {
    using device = openDevice(url(environment), token, newWho())
    expect(await device.refusal()).toBe('unauthenticated')
    await eventually(() => expect(device.socket.io.engine?.readyState).toBe('closed'))
  }
})

test('an expired token is refused as such', async () => {
  await using environment = await startEnvironment()
  const who = newWho()
  using device = openDevice(url(environment), await environment.fakeUsers.tokenOf(who, -60), who)
  expect(await device.refusal()).toBe('token_expired')
})

test('while the keys were never seen, it is unavailable; afterwards nobody asks for them', async () => {
  await using environment = await startEnvironment()
  const { url: nodeUrl } = await environment.startNode({ USERS_URL: 'http://127.0.0.1:9' })
  const who = newWho()
  using device = openDevice(nodeUrl, await environment.fakeUsers.tokenOf(who), who)
  expect(await device.refusal()).toBe('unavailable')

  await environment.connect(newWho())
  await environment.fakeUsers.stop()
  await environment.connect(newWho())
})

test('a ready socket is told who it is', async () => {
  await using environment = await startEnvironment()
  const who = newWho()
  const device = await environment.connect(who)
  const [ready] = device.received('ready')
  expect(ready).toMatchObject(who)
  expect(Date.parse(ready?.serverTime ?? '')).toBeCloseTo(Date.now(), -4)
})

test('a socket is closed some time after its token ended, so that the client reconnects', async () => {
  await using environment = await startEnvironment()
  const device = await environment.connect(newWho())
  const stayer = await environment.connect(newWho())
  for (const { data } of environment.nodes[0]?.ctx.io.sockets.sockets.values() ?? []) {
    const isOver = data.userId === device.who.userId
    Reflect.set(data, 'tokenEndsAt', Date.now() - (isOver ? 31_000 : 20_000))
  }
  await eventually(() => expect(device.endedBy()).toBe('transport close'))
  expect(stayer.endedBy()).toBeUndefined()
})

test('a fresh token of the same session lets a socket live on past the end of the one before', async () => {
  await using environment = await startEnvironment()
  const who = newWho()
  const device = await environment.connect(who)
  const [socket] = environment.nodes[0]?.ctx.io.sockets.sockets.values() ?? []
  Reflect.set(socket?.data ?? {}, 'tokenEndsAt', Date.now() - 60_000)

  const reply = await device.request('authorise', { token: await environment.fakeUsers.tokenOf(who) })

  expect(reply).toEqual({ ok: true, tokenEndsInMs: expect.any(Number) })
  expect(socket?.data.tokenEndsAt).toBeGreaterThan(Date.now() + 800_000)
  expect(device.received('ready')[0]?.tokenEndsInMs).toBeGreaterThan(800_000)
})

test('no token of another session or person, and none that is worth nothing, is taken for a fresh one', async () => {
  await using environment = await startEnvironment()
  const who = newWho()
  const device = await environment.connect(who)
  const codeFor = async (token: string) => {
    const reply = await device.request('authorise', { token })
    return reply.ok ? 'ok' : reply.error.code
  }
  expect(await codeFor(await environment.fakeUsers.tokenOf(newWho()))).toBe('forbidden')
  expect(await codeFor(await environment.fakeUsers.tokenOf(newWho(who.userId)))).toBe('forbidden')
  expect(await codeFor('junk')).toBe('unauthenticated')
  expect(await codeFor(await environment.fakeUsers.tokenOf(who, -60))).toBe('token_expired')
  expect(await codeFor('')).toBe('validation_failed')
  expect(device.endedBy()).toBeUndefined()
})

test('a changed profile reaches the own devices and those who share a conversation', async () => {
  await using environment = await startEnvironment({ nodes: 2 })
  const [anna, ben, carl] = [newWho(), newWho(), newWho()]
  environment.fakeMessages.conversationOf(anna.userId, ben.userId)
  const annas = await environment.connect(anna, 0)
  const bens = await environment.connect(ben, 1)
  const carls = await environment.connect(carl, 1)

  const user = { ...toUser(anna.userId), displayName: 'Anna B.' }
  await environment.fakeMessages.publishEntry({
    stream: streamName('users', 0),
    type: 'user.updated',
    key: anna.userId,
    payload: JSON.stringify(toProfile(user)),
  })

  for (const device of [annas, bens]) {
    const told = { ...user, version: 2 }
    expect(await device.waitFor('account')).toEqual({ type: 'user.updated', data: { user: told } })
  }
  expect(carls.received('account')).toEqual([])
})

test('of somebody who changes over and over the others hear the newest, not all; an ended account is told last', async () => {
  await using environment = await startEnvironment()
  const [anna, ben] = [newWho(), newWho()]
  environment.fakeMessages.conversationOf(anna.userId, ben.userId)
  const bens = await environment.connect(ben)
  const publish = (type: string, payload: object) =>
    environment.fakeMessages.publishEntry({
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
    bens.received('account').map(({ data }) => (data as { user: { version: number } }).user.version)
  await eventually(() => expect(heard().at(-1)).toBe(last))
  expect(heard()).toEqual(heard().toSorted((a, b) => a - b))
  expect(heard().length).toBeLessThan(last / 2)

  const gone = { displayName: 'Deleted account', deleted: true, version: last + 1 }
  const user = { ...toUser(anna.userId), ...gone }
  await publish('user.deleted', { id: anna.userId, version: last + 1, user })
  await eventually(() =>
    expect(bens.received('account').at(-1)).toEqual({ type: 'user.updated', data: { user } }),
  )
})

test('between two of whom one blocked the other, the profile of neither is told when it changes', async () => {
  await using environment = await startEnvironment({ nodes: 2 })
  const [anna, ben, carl] = [newWho(), newWho(), newWho()]
  environment.fakeMessages.conversationOf(anna.userId, ben.userId, carl.userId)
  environment.fakeUsers.people.blocks.add(`${anna.userId} ${ben.userId}`)
  const annas = await environment.connect(anna, 0)
  const bens = await environment.connect(ben, 1)
  const carls = await environment.connect(carl, 1)
  const change = (who: Who, bio: string) =>
    environment.fakeMessages.publishEntry({
      stream: streamName('users', 0),
      type: 'user.updated',
      key: who.userId,
      payload: JSON.stringify(toProfile({ ...toUser(who.userId), bio })),
    })
  const biosOf = (device: Device) =>
    device.received('account').map(({ data }) => (data as { user: { bio: string } }).user.bio)

  for (const bio of ['of Anna', 'of Anna, again']) await change(anna, bio)
  await change(ben, 'of Ben')

  const all = ['of Anna', 'of Anna, again', 'of Ben']
  await eventually(() => expect(biosOf(carls).toSorted()).toEqual(all))
  await eventually(() => expect([biosOf(annas), biosOf(bens)]).toEqual([all.slice(0, 2), all.slice(2)]))
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect([biosOf(annas), biosOf(bens)]).toEqual([all.slice(0, 2), all.slice(2)])
})

test('one connection gets one try', async () => {
  await using environment = await startEnvironment()
  using raw = await openRaw(url(environment))
  for (let i = 0; i < 20; i += 1) raw.ws.send('40{"token":"eyJ.eyJ.x"}')
  await eventually(() => expect(raw.isClosed()).toBe(true))
})

test('a person who connects over and over is rate limited', async () => {
  await using environment = await startEnvironment()
  const who = newWho()
  const token = await environment.fakeUsers.tokenOf(who)
  const devices = Array.from({ length: 70 }, () => openDevice(url(environment), token, who))
  const refused = Promise.race(devices.map((device) => device.refusal()))
  expect(await refused).toBe('rate_limited')
  for (const device of devices) device[Symbol.dispose]()
})

test('health names what the node needs, and stays ready without it', async () => {
  await using environment = await startEnvironment()
  const ask = async (path: string) => {
    const reply = await fetch(url(environment) + path)
    return { status: reply.status, body: await reply.text() }
  }
  expect((await ask('/health/live')).status).toBe(200)
  expect(JSON.parse((await ask('/health/ready')).body)).toMatchObject({
    status: 'ready',
    dependencies: { redis: { state: 'up' }, messages: { state: 'up' }, users: { state: 'up' } },
  })
  await environment.connect(newWho(newId()))
  expect((await ask('/metrics')).body).toMatch(/^realtime_sockets\{.*\} 1$/m)

  await environment.redis.stop()
  const { status, body } = await ask('/health/ready')
  expect(status).toBe(200)
  expect(JSON.parse(body)).toMatchObject({ status: 'degraded', dependencies: { redis: { state: 'down' } } })
})
