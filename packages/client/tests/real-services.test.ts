import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { usersApi } from '@finnigram/contracts'
import { readConfig, type Stack, startStack } from '@finnigram/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { contains, type Device, eventually, idOf, isOnline, signIn, signUp, textsOf } from './start-device.ts'

let stack: Stack
let home = ''

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'finnigram-client-'))
  stack = await startStack(
    readConfig({
      PATH: process.env['PATH'],
      PORT: '0',
      FINNIGRAM_HOME: home,
      FINNIGRAM_SEED: 'off',
      FINNIGRAM_WEB: 'off',
      RATE_LIMIT_SCALE: '1000',
      REALTIME_NODES: '2',
      // Nobody listens there: no notification of a test leaves this machine.
      EXPO_PUSH_URL: 'http://127.0.0.1:9',
    }),
  )
}, 120_000)
afterAll(async () => {
  await stack?.[Symbol.asyncDispose]()
  await rm(home, { recursive: true, force: true })
})

/**
 * What this device knows of a conversation is what the server answers to someone who knows nothing.
 */
async function agreesWithServer({ client }: Device, id: string): Promise<void> {
  // Markers are gathered for a second or two before they are sent and told.
  await expect
    .poll(
      async () => {
        const fresh = await client.api.getConversation(id)
        return contains(client.conversations.get(id), fresh)
      },
      { timeout: 10_000 },
    )
    .toBe(true)
  const messages = client.messages(id)
  while (messages.snapshot().hasBefore) await messages.loadBefore()
  while (messages.snapshot().hasAfter) await messages.loadAfter()
  const { items } = await client.api.listMessages(id, { limit: 100 })
  expect(messages.snapshot().items.slice(-100)).toEqual(items)
}

test('two people on two nodes talk both ways, see typing and ticks, and agree with the server', async () => {
  await using ada = await signUp(stack.url, 'ada')
  await using grace = await signUp(stack.url, 'grace')
  await expect.poll(async () => (await ada.client.people.search('gra')).length).toBe(1)
  const { id } = await ada.client.conversations.createDirect(idOf(grace))
  await eventually(() => grace.client.conversations.get(id)?.displayTitle, 'ada')
  ada.client.typing(id).notify()
  await eventually(() => grace.client.typing(id).snapshot(), [idOf(ada)])
  for (const text of ['one', 'two', 'three']) ada.client.messages(id).send({ text })
  await eventually(() => textsOf(grace, id), ['one', 'two', 'three'])
  expect(grace.client.conversations.get(id)?.me.unreadCount).toBe(3)
  grace.client.messages(id).send({ text: 'four' })
  await eventually(() => textsOf(ada, id), ['one', 'two', 'three', 'four'])
  grace.client.conversations.markRead(id, 4)
  const hers = () =>
    ada.client.conversations.get(id)?.participants.find(({ userId }) => userId === idOf(grace))
  await eventually(() => hers()?.lastReadSeq, 4)
  ada.client.conversations.markRead(id, 4)
  await eventually(() => ada.client.conversations.get(id)?.me.lastReadSeq, 4)
  await agreesWithServer(ada, id)
  await agreesWithServer(grace, id)
  expect([...ada.errors, ...grace.errors]).toEqual([])
})

test('a group: people come and go, it is renamed, and everyone agrees', async () => {
  await using ada = await signUp(stack.url, 'ada.group')
  await using grace = await signUp(stack.url, 'grace.group')
  await using linus = await signUp(stack.url, 'linus.group')
  const { id } = await ada.client.conversations.createGroup({ title: 'us', userIds: [idOf(grace)] })
  ada.client.messages(id).send({ text: 'before linus' })
  await eventually(() => grace.client.conversations.get(id)?.lastSeq, 1)
  await ada.client.conversations.addParticipants(id, [idOf(linus)])
  await eventually(() => linus.client.conversations.get(id)?.me.unreadCount, 0)
  await ada.client.conversations.rename(id, 'all of us')
  grace.client.messages(id).send({ text: 'welcome' })
  // That the group was renamed is said between what people say.
  await eventually(() => textsOf(linus, id), [null, 'welcome'])
  await eventually(() => linus.client.conversations.get(id)?.displayTitle, 'all of us')
  for (const device of [ada, grace, linus]) await agreesWithServer(device, id)

  await linus.client.conversations.leave(id)
  expect(linus.client.conversations.list()).toEqual([])
  await eventually(() => grace.client.conversations.get(id)?.participantCount, 2)
  await ada.client.conversations.removeParticipant(id, idOf(grace))
  await eventually(() => grace.client.conversations.list(), [])
  await agreesWithServer(ada, id)
})

test('an absence is caught up with, and what was written in it goes out', async () => {
  await using ada = await signUp(stack.url, 'ada.away')
  await using grace = await signUp(stack.url, 'grace.away', { timing: { retryMaxMs: 30_000 } })
  const { id } = await ada.client.conversations.createDirect(idOf(grace))
  grace.network.set({ online: false })
  for (let number = 0; number < 120; number += 1) ada.client.messages(id).send({ text: `away ${number}` })
  for (let number = 0; number < 3; number += 1) grace.client.messages(id).send({ text: `mine ${number}` })
  await eventually(() => ada.client.conversations.get(id)?.lastSeq, 120)
  grace.network.set({ online: true })
  await isOnline(grace)
  await eventually(() => ada.client.conversations.get(id)?.lastSeq, 123)
  await eventually(() => textsOf(ada, id).slice(-3), ['mine 0', 'mine 1', 'mine 2'])
  await agreesWithServer(grace, id)
  await agreesWithServer(ada, id)
})

test('an end of the session ends it on the device, over the socket', async () => {
  await using ada = await signUp(stack.url, 'ada.ended')
  await using phone = await signIn(stack.url, 'ada.ended')
  const { items } = await ada.client.api.call(usersApi.listSessions, {})
  const other = items.find(({ current }) => !current)
  await ada.client.api.call(usersApi.endSession, { params: { sessionId: other?.id ?? '' } })
  await eventually(() => phone.client.session.state.status, 'signedOut')
  expect(ada.client.session.state.status).toBe('signedIn')
})

test('a device is set, tried as far as this server reaches, and gone with the session', async () => {
  await using ada = await signUp(stack.url, 'ada.push')
  await using phone = await signIn(stack.url, 'ada.push')
  const { push } = phone.client
  const key = Buffer.from(await push.getKey(), 'base64url')
  expect([key.length, key[0]]).toEqual([65, 4])
  expect(await ada.client.push.getKey()).toBe(key.toString('base64url'))
  await push.putDevice('phone', { kind: 'expo', token: 'ExponentPushToken[ada]', name: 'Phone' })
  const { ok, hops } = await push.test('phone')
  expect([ok, hops.slice(0, 3).map(({ hop, state }) => `${hop} ${state}`)]).toEqual([
    false,
    ['device passed', 'preferences passed', 'queue passed'],
  ])
  await phone.client.session.logout()
  await expect(ada.client.push.test('phone')).rejects.toMatchObject({ code: 'not_found' })
})
