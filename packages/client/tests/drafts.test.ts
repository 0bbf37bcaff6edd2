import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Clock } from '../src/conversations/draft-age.ts'
import { startTestServer } from './small-server/start-small-server.ts'
import { type Device, eventually, idOf, isOnline, signIn, signUp, startDevice } from './start-device.ts'

const patches = (requests: readonly string[]) => requests.filter((request) => request.startsWith('PATCH'))

test('a draft appears on other devices once typing rests', async () => {
  await using server = await startTestServer()
  await using phone = await signUp(server.url, 'ada')
  await using laptop = await signIn(server.url, 'ada')
  const { id } = await phone.client.conversations.createDirect(idOf(phone))
  await eventually(() => laptop.client.conversations.get(id) !== undefined, true)

  for (const text of ['b', 'br', 'bread']) phone.client.conversations.setDraft(id, text)
  expect(phone.client.conversations.get(id)?.draft).toBe('bread')
  await eventually(() => laptop.client.conversations.get(id)?.draft, 'bread')
  expect(patches(server.requests)).toHaveLength(1)

  laptop.client.conversations.setDraft(id, '')
  await eventually(() => phone.client.conversations.get(id)?.draft, '')
})

test('a text that is sent before it rested never was a draft elsewhere', async () => {
  await using server = await startTestServer()
  await using ada = await signUp(server.url, 'ada')
  const { id } = await ada.client.conversations.createDirect(idOf(ada))
  ada.client.conversations.setDraft(id, 'bread')
  ada.client.messages(id).send({ text: 'bread' })
  ada.client.conversations.setDraft(id, '')
  await eventually(() => ada.client.conversations.get(id)?.lastSeq, 1)
  ada.client.conversations.setDraft(id, 'milk')
  await eventually(() => ada.client.conversations.get(id)?.me.draft, 'milk')
  expect(patches(server.requests)).toHaveLength(1)
})

test('a draft typed offline is uploaded later, and gives way to a newer one of another device', async () => {
  await using server = await startTestServer()
  // It does not try again by itself.
  await using phone = await signUp(server.url, 'ada', { timing: { retryMaxMs: 600_000 } })
  await using laptop = await signIn(server.url, 'ada')
  const { id } = await phone.client.conversations.createDirect(idOf(phone))
  await eventually(() => laptop.client.conversations.get(id) !== undefined, true)
  phone.network.set({ online: false })
  let lost = 0
  server.faultOf = (path, method) => {
    if (method !== 'PATCH' || !path.endsWith('/me')) return
    lost += 1
    return 'lost'
  }
  phone.client.conversations.setDraft(id, 'written in a tunnel')
  await eventually(() => lost, 1)
  server.faultOf = () => undefined
  laptop.client.conversations.setDraft(id, 'written above')
  await eventually(() => laptop.client.conversations.get(id)?.me.draft, 'written above')
  expect(phone.client.conversations.get(id)?.draft).toBe('written in a tunnel')
  phone.network.set({ online: true })
  await eventually(() => phone.client.conversations.get(id)?.draft, 'written above')
  await eventually(() => patches(server.requests).length, 2)
  expect(laptop.client.conversations.get(id)?.draft).toBe('written above')
})

test('a superseded draft stays on its device, over a restart too, until it is taken back', async () => {
  await using server = await startTestServer()
  const phone = await signUp(server.url, 'ada')
  const { id } = await phone.client.conversations.createDirect(idOf(phone))
  const keptOn = (device: Device) => device.client.conversations.get(id)?.supersededDrafts
  const record = server.state.conversations.get(id)
  const typeElsewhere = (draft: string | null, draftAgeMs: number) => {
    if (record) server.state.setDraft(record, idOf(phone), { draft, draftAgeMs })
  }
  typeElsewhere('typed later', -60_000)
  phone.client.conversations.setDraft(id, 'typed first')
  await eventually(() => keptOn(phone), ['typed first'])
  expect(phone.client.conversations.get(id)?.draft).toBe('typed later')
  await phone.client.stop()
  await using again = startDevice(server.url, phone)
  await eventually(() => keptOn(again), ['typed first'])

  // The field where it was typed goes on: the text is in there.
  again.client.conversations.setDraft(id, 'typed first, and on', 'typed first')
  expect(keptOn(again)).toEqual([])
  await eventually(() => keptOn(again), ['typed first, and on'])
  again.client.conversations.clearDraft(id, 'typed first, and on')
  expect(keptOn(again)).toEqual([])
  expect(again.client.conversations.get(id)?.draft).toBe('typed later')
})

test('an open field keeps what another device overwrote, but not what that one went on with', async () => {
  await using server = await startTestServer()
  await using ada = await signUp(server.url, 'ada')
  const { conversations } = ada.client
  const { id } = await conversations.createDirect(idOf(ada))
  const record = server.state.conversations.get(id)
  const overwrite = async (draft: string) => {
    if (record) server.state.setDraft(record, idOf(ada), { draft, draftAgeMs: -60_000 })
    await eventually(() => conversations.get(id)?.draft, draft)
    conversations.keepSuperseded(id, 'bread')
  }
  conversations.setDraft(id, 'bread')
  await eventually(() => conversations.get(id)?.me.draft, 'bread')
  conversations.keepSuperseded(id, 'bread')
  await overwrite('bread and milk')
  expect(conversations.get(id)?.supersededDrafts).toEqual([])
  await overwrite('tea')
  await overwrite('tea and sugar')
  expect(conversations.get(id)?.supersededDrafts).toEqual(['bread'])
  conversations.discardSuperseded(id)
  expect(conversations.get(id)?.supersededDrafts).toEqual([])
})

test('an answer of the server that comes late brings no older draft back', async () => {
  await using server = await startTestServer()
  await using ada = await signUp(server.url, 'ada')
  const { id } = await ada.client.conversations.createDirect(idOf(ada))
  let answered = 0
  server.beforeAnswer = async (path, method) => {
    if (method !== 'PATCH' || !path.endsWith('/me')) return
    answered += 1
    // Meanwhile another device of mine is heard over the socket.
    const record = server.state.conversations.get(id)
    if (record) server.state.setDraft(record, idOf(ada), { draft: 'typed elsewhere', draftAgeMs: -1000 })
    await eventually(() => ada.client.conversations.get(id)?.me.draft, 'typed elsewhere')
  }
  ada.client.conversations.setDraft(id, 'typed here')
  await eventually(() => answered, 1)
  await eventually(() => ada.client.conversations.get(id)?.draft, 'typed elsewhere')
})

test('clearing removes the draft typed here, not a newer one of another device', async () => {
  await using server = await startTestServer()
  await using phone = await signUp(server.url, 'ada')
  await using laptop = await signIn(server.url, 'ada')
  const { id } = await phone.client.conversations.createDirect(idOf(phone))
  const draftOn = (device: Device) => device.client.conversations.get(id)?.draft
  await eventually(() => draftOn(laptop), '')
  // The server keeps no control characters.
  phone.client.conversations.setDraft(id, 'short\u0000')
  await eventually(() => draftOn(laptop), 'short')
  laptop.client.conversations.setDraft(id, 'a longer one')
  await eventually(() => draftOn(phone), 'a longer one')

  phone.client.conversations.clearDraft(id, 'short\u0000')
  phone.client.conversations.setDraft(id, 'next')
  await eventually(() => draftOn(laptop), 'next')
  phone.client.conversations.clearDraft(id, 'next')
  await eventually(() => draftOn(laptop), '')
  expect(server.requests.filter((request) => request.startsWith('PATCH'))).toHaveLength(4)
})

/**
 * Time of several devices and their server, moved by hand. A device has its own idea of the hour,
 * and may sleep.
 */
class Hours {
  now = Date.now()
  readonly #skews = [0, -90_000_000, 3_600_000]
  readonly #awake = [0, 0, 0]

  pass(ms: number, asleep: readonly number[] = []): void {
    this.now += ms
    for (const i of this.#awake.keys()) if (!asleep.includes(i)) this.#awake[i] = (this.#awake[i] ?? 0) + ms
  }

  /** The clocks of a run that begins now. */
  clockOf(i: number): Clock {
    const startedAt = this.#awake[i] ?? 0
    return {
      wall: () => this.now + (this.#skews[i] ?? 0),
      monotonic: () => (this.#awake[i] ?? 0) - startedAt,
    }
  }
}

test('the draft typed last wins on every device, over sleep, offline times and restarts', async () => {
  await using server = await startTestServer()
  const hours = new Hours()
  server.state.clock = () => hours.now
  const begin = (i: number, earlier?: Device) => {
    const kept = earlier && { store: earlier.store, sessionStorage: earlier.sessionStorage }
    // It does not try again by itself.
    return { ...kept, clock: hours.clockOf(i), timing: { draftMs: 1, retryMaxMs: 600_000 } }
  }
  const devices = [await signUp(server.url, 'ada', begin(0))]
  for (const i of [1, 2]) devices.push(await signIn(server.url, 'ada', begin(i)))
  const deviceAt = (i: number) => devices[i] as Device
  const away = new Set<number>()
  const type = async (id: string, i: number, text: string) => {
    const { conversations } = deviceAt(i).client
    let lost = 0
    server.faultOf = (path, method) => {
      if (!away.has(i) || method !== 'PATCH' || !path.endsWith('/me')) return
      lost += 1
      return 'lost'
    }
    conversations.setDraft(id, text)
    await eventually(() => lost > 0 || conversations.get(id)?.me.draft === text, true)
    server.faultOf = () => undefined
  }
  const restart = async (id: string, i: number) => {
    await deviceAt(i)[Symbol.asyncDispose]()
    const device = startDevice(server.url, begin(i, deviceAt(i)))
    devices[i] = device
    device.network.set({ online: !away.has(i) })
    await eventually(() => device.client.conversations.get(id) !== undefined, true)
  }
  const step = fc.record({
    i: fc.nat(2),
    deed: fc.constantFrom('type', 'type', 'type', 'leave', 'return', 'restart', 'sleep'),
  })
  const doStep = async (id: string, { i, deed }: { i: number; deed: string }, n: number) => {
    hours.pass(20_000 * (n + 1), deed === 'sleep' ? [i] : [])
    if (deed === 'type') await type(id, i, `text ${n}`)
    if (deed === 'restart') await restart(id, i)
    if (deed !== 'leave' && deed !== 'return') return
    if (deed === 'leave') away.add(i)
    else away.delete(i)
    deviceAt(i).network.set({ online: deed === 'return' })
  }
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 12 }), async (steps) => {
      const { id } = await deviceAt(0).client.conversations.createGroup({ title: 'g', userIds: [] })
      for (const device of devices) await eventually(() => device.client.conversations.get(id)?.draft, '')
      for (const [n, one] of steps.entries()) await doStep(id, one, n)
      hours.pass(20_000)
      away.clear()
      for (const device of devices) {
        // One that left and returned at once may not have noticed.
        device.network.set({ online: false })
        await eventually(() => device.client.connection.state, 'offline')
        device.network.set({ online: true })
        await isOnline(device)
      }
      const last = steps.findLastIndex(({ deed }) => deed === 'type')
      const wanted = last < 0 ? '' : `text ${last}`
      for (const device of devices)
        await eventually(
          () => [
            device.client.conversations.get(id)?.draft,
            device.client.conversations.get(id)?.me.draft ?? '',
          ],
          [wanted, wanted],
        )
    }),
    { numRuns: 25 },
  )
  for (const device of devices) await device[Symbol.asyncDispose]()
}, 60_000)

test('a draft the server does not take stays on this device', async () => {
  await using server = await startTestServer()
  await using ada = await signUp(server.url, 'ada')
  const { id } = await ada.client.conversations.createDirect(idOf(ada))
  server.state.conversations.get(id)?.memberships.delete(idOf(ada))
  ada.client.conversations.setDraft(id, 'kept')
  await eventually(() => patches(server.requests).length, 1)
  expect(ada.client.conversations.get(id)?.draft).toBe('kept')
  expect(ada.errors).toEqual([])
})
