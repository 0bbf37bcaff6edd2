import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  startTestServer,
  type TestServer,
} from '../../../packages/client/tests/small-server/start-small-server.ts'
import { createRandom } from '../generator/random.ts'
import { Device } from './device.ts'
import { isolateDevices } from './device-clock.ts'
import { toMark } from './flight-recorder.ts'
import { startRunClock } from './run-clock.ts'

let server: TestServer
let alike: Disposable
beforeAll(async () => {
  alike = isolateDevices()
  server = await startTestServer()
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  alike[Symbol.dispose]()
})

async function aDevice(username: string, skewMs = 0) {
  const person = { id: '', username, password: 'correct horse battery' }
  const random = createRandom(1, username)
  const device = new Device({ name: username, person, url: server.url, random, now: startRunClock(), skewMs })
  const client = await device.switchOn()
  const input = { username, displayName: username, password: person.password }
  person.id = (await device.clock.run(() => client.session.register(input))).id
  const { id } = await device.clock.run(() => client.conversations.createGroup({ title: 'us', userIds: [] }))
  await expect.poll(() => device.isCaughtUp, { timeout: 5_000 }).toBe(true)
  return { device, id }
}

test('what was kept before the battery went is sent in the next life, once, and both are on record', async () => {
  const { device, id } = await aDevice('ada')
  await using _ = device
  device.loseNetwork({ knows: true })
  device.clock.run(() => device.client?.messages(id).send({ text: `${toMark(1)} kept` }))
  await expect.poll(() => device.recorder.waiting).toBe(1)
  device.kill()
  expect([device.client, device.shouldBeConnected, device.away.at(-1)?.to]).toEqual([null, false, null])

  await device.switchOn()
  await expect.poll(() => device.recorder.waiting, { timeout: 5_000 }).toBe(0)
  const { sends, heard, view, away } = await device.history()
  expect(sends).toMatchObject([{ conversationId: id, via: 'queue', seq: 1 }])
  expect(device.recorder.queued.get(1)).toBe(sends[0]?.id)
  expect(heard.map(([number]) => number)).toEqual([1])
  expect(view.messages).toMatchObject([
    { conversationId: id, waiting: 0, shown: [{ text: '[[00000001]] kept' }] },
  ])
  expect(away.every(({ to }) => to !== null)).toBe(true)
})

test('what was on its way to the disk when the device died is wholly there or not at all', async () => {
  const { device, id } = await aDevice('grace')
  await using _ = device
  device.loseNetwork({ knows: true })
  device.clock.run(() => device.client?.messages(id).send({ text: `${toMark(2)} perhaps` }))
  device.kill()
  await device.switchOn()
  await expect.poll(() => device.isCaughtUp && device.recorder.waiting === 0, { timeout: 5_000 }).toBe(true)
  const { view } = await device.history()
  expect(view.messages[0]?.shown.map(({ text }) => text).join()).toMatch(/^(\[\[00000002\]\] perhaps)?$/)
})

test('a device whose clock is years off talks like any other', async () => {
  const { device, id } = await aDevice('linus', 3 * 365 * 86_400_000)
  await using _ = device
  device.clock.run(() => device.client?.messages(id).send({ text: `${toMark(3)} from the future` }))
  await expect.poll(() => device.recorder.sends.size, { timeout: 5_000 }).toBe(1)
  await expect.poll(() => [...device.recorder.sends.values()][0]?.seq, { timeout: 5_000 }).toBe(1)
})
