import { expect, test } from 'vitest'
import { startTestServer } from './small-server/start-small-server.ts'
import { eventually, idOf, isOnline, signUp, startDevice, textsOf } from './start-device.ts'

async function twoPeople() {
  const server = await startTestServer()
  const ada = await signUp(server.url, 'ada')
  const grace = await signUp(server.url, 'grace')
  const { id } = await ada.client.conversations.createDirect(idOf(grace))
  return {
    server,
    ada,
    grace,
    id,
    async [Symbol.asyncDispose]() {
      await ada.client.stop()
      await grace.client.stop()
      await server[Symbol.asyncDispose]()
    },
  }
}

test('P4: messages written offline show as waiting, and go out once and in order when the network returns', async () => {
  await using all = await twoPeople()
  const { ada, grace, id } = all
  ada.network.set({ online: false })
  await eventually(() => ada.client.connection.state, 'offline')
  for (const text of ['one', 'two', 'three']) ada.client.messages(id).send({ text })
  const states = () =>
    ada.client
      .messages(id)
      .snapshot()
      .items.map(({ localState }) => localState)
  expect(states()).toEqual(['saving', 'saving', 'saving'])
  await eventually(states, ['waiting', 'waiting', 'waiting'])
  expect(ada.client.conversations.get(id)?.pendingCount).toBe(3)

  ada.network.set({ online: true })
  await eventually(() => textsOf(grace, id), ['one', 'two', 'three'])
  await eventually(states, [undefined, undefined, undefined])
  expect(ada.client.conversations.get(id)?.pendingCount).toBe(0)
})

test('P2: a message keeps its id from writing to history, and never shows twice', async () => {
  await using all = await twoPeople()
  const { ada, id } = all
  const messages = ada.client.messages(id)
  const seen: string[][] = []
  messages.subscribe(() => seen.push(messages.snapshot().items.map((item) => item.id)))
  for (const text of ['one', 'two', 'three', 'four']) messages.send({ text })
  await eventually(() => messages.snapshot().items.map(({ seq }) => seq), [1, 2, 3, 4])
  for (const ids of seen) expect(new Set(ids).size).toBe(ids.length)
  const longest = seen.map((ids) => ids.length)
  expect(longest).toEqual([...longest].sort())
})

test('P2: an answer that is lost after the commit makes no second message', async () => {
  await using all = await twoPeople()
  const { server, ada, grace, id } = all
  server.sockets.refuse = true
  server.sockets.dropAll()
  let lost = 0
  server.faultOf = (path, method) => {
    if (method !== 'POST' || !path.endsWith('/messages') || lost >= 3) return undefined
    lost += 1
    return 'unanswered'
  }
  ada.client.messages(id).send({ text: 'once' })
  ada.client.messages(id).send({ text: 'twice' })
  await eventually(() => textsOf(grace, id), ['once', 'twice'])
  await eventually(
    () =>
      ada.client
        .messages(id)
        .snapshot()
        .items.map(({ seq }) => seq),
    [1, 2],
  )
  // A sync may tell of a message before it is tried again.
  expect(lost).toBeGreaterThan(0)
  expect([...server.state.conversations.values()][0]?.messages.map(({ text }) => text)).toEqual([
    'once',
    'twice',
  ])
})

test('P2: a send over a socket that is not answered is tried again under the same id', async () => {
  await using all = await twoPeople()
  const { server, ada, grace, id } = all
  server.sockets.mute = true
  server.sockets.silent = true
  ada.client.messages(id).send({ text: 'quiet' })
  await eventually(() => server.state.conversations.get(id)?.messages.length, 1)
  server.sockets.mute = false
  server.sockets.silent = false
  await eventually(
    () =>
      ada.client
        .messages(id)
        .snapshot()
        .items.map(({ localState }) => localState),
    [undefined],
  )
  ada.client.messages(id).send({ text: 'loud' })
  await eventually(() => textsOf(grace, id), ['quiet', 'loud'])
})

test('a refused message fails for itself; the next ones go out, and it can be tried again or given up', async () => {
  await using all = await twoPeople()
  const { server, ada, grace, id } = all
  server.sockets.refuse = true
  server.sockets.dropAll()
  const messages = ada.client.messages(id)
  messages.send({ text: 'x'.repeat(8001) })
  messages.send({ text: 'fine' })
  await eventually(() => textsOf(grace, id), ['fine'])
  const failed = messages.snapshot().items.find(({ localState }) => localState === 'failed')
  expect(failed).toMatchObject({ seq: null, problem: { code: 'validation_failed' } })
  await eventually(() => ada.client.conversations.get(id)?.failedCount, 1)

  messages.retry(failed?.id ?? '')
  await eventually(
    () => messages.snapshot().items.filter(({ localState }) => localState === 'failed').length,
    1,
  )
  messages.discard(failed?.id ?? '')
  expect(messages.snapshot().items.map(({ text }) => text)).toEqual(['fine'])
  await eventually(() => ada.client.conversations.get(id)?.failedCount, 0)
})

test('what waits survives the end of the app, and goes out by itself at the next start', async () => {
  await using server = await startTestServer()
  const ada = await signUp(server.url, 'ada')
  const { id } = await ada.client.conversations.createGroup({ title: 'us', userIds: [] })
  ada.network.set({ online: false })
  for (const text of ['one', 'two']) ada.client.messages(id).send({ text })
  ada.client.conversations.setDraft(id, 'three, perha')
  await ada.client.stop()
  await server.close()

  await using again = startDevice(server.url, ada)
  await eventually(() => textsOf(again, id), ['one', 'two'])
  expect(again.client.conversations.get(id)?.draft).toBe('three, perha')
  expect(again.client.session.state).toMatchObject({ status: 'signedIn', user: { username: 'ada' } })
  await server.open()
  await isOnline(again)
  await eventually(
    () =>
      again.client
        .messages(id)
        .snapshot()
        .items.map(({ seq }) => seq),
    [1, 2],
  )
  expect(server.state.conversations.get(id)?.messages.map(({ text }) => text)).toEqual(['one', 'two'])
})

test('while the socket is there, a message that the server could not take goes out soon after it can', async () => {
  await using server = await startTestServer()
  // The wait of who cannot reach the server at all is longer than this test.
  const timing = { retryBaseMs: 600_000, retryMaxMs: 600_000, repairMaxMs: 50 }
  await using ada = await signUp(server.url, 'ada', { timing })
  const { id } = await ada.client.conversations.createGroup({ title: 'us', userIds: [] })
  server.sockets.busy = true
  server.faultOf = (_, method) => (method === 'POST' ? 'unavailable' : undefined)
  ada.client.messages(id).send({ text: 'at last' })
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(ada.client.conversations.get(id)?.pendingCount).toBe(1)
  server.sockets.busy = false
  server.faultOf = () => undefined
  await eventually(() => ada.client.conversations.get(id)?.lastMessage?.text, 'at last')
})

test('where the way behind the socket is broken, messages go by REST', async () => {
  await using all = await twoPeople()
  const { server, ada, grace, id } = all
  server.sockets.busy = true
  for (const text of ['one', 'two']) ada.client.messages(id).send({ text })
  await eventually(() => textsOf(grace, id), ['one', 'two'])
})

test('no message fails for good while the server is away', async () => {
  await using all = await twoPeople()
  const { server, ada, grace, id } = all
  server.sockets.refuse = true
  server.sockets.dropAll()
  server.faultOf = () => 'unavailable'
  for (let number = 0; number < 10; number += 1) ada.client.messages(id).send({ text: String(number) })
  await new Promise((resolve) => setTimeout(resolve, 300))
  server.faultOf = () => undefined
  server.sockets.refuse = false
  const wanted = Array.from({ length: 10 }, (_, number) => String(number))
  await eventually(() => textsOf(grace, id), wanted)
  await eventually(
    () =>
      ada.client
        .messages(id)
        .snapshot()
        .items.every(({ localState }) => localState === undefined),
    true,
  )
})
