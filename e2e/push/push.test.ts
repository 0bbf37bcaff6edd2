import { newId } from '@finnigram/contracts'
import {
  type ExpoService,
  startExpoService,
  startWebPushService,
  type WebPushService,
} from '@finnigram/realtime/testing'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { done, type Person, registerPerson, signInAgain } from '../authorization/environment/person.ts'
import { ask } from '../src/ask.ts'
import { openSocket } from '../src/open-socket.ts'
import { type ServerSide, startServerSide } from '../src/start-server-side.ts'

/** The whole product, and push services that speak the real protocols. */
let server: ServerSide
let expo: ExpoService
let web: WebPushService
beforeAll(async () => {
  expo = await startExpoService()
  web = await startWebPushService()
  server = await startServerSide({
    PUSH_ALLOW_PRIVATE: 'true',
    PUSH_DELAY_MS: '1500',
    PUSH_APART_MS: '0',
    EXPO_PUSH_URL: expo.url,
    NODE_EXTRA_CA_CERTS: web.certificateFile,
  })
})
afterAll(async () => {
  await server?.[Symbol.asyncDispose]()
  await Promise.all([expo?.[Symbol.asyncDispose](), web?.[Symbol.asyncDispose]()])
})

const call = <T>({ token }: Person, request: string, body?: unknown) =>
  done<T>(server.url, request, { token, body })

async function phoneOf(person: Person) {
  const phone = expo.newPhone()
  await call(person, 'PUT /v1/users/me/devices/phone', { kind: 'expo', token: phone.token, name: 'Phone' })
  return phone
}

async function browserOf(person: Person) {
  const { publicKey } = await call<{ publicKey: string }>(person, 'GET /v1/push/key')
  const browser = web.subscribe(publicKey)
  const { subscription } = browser
  await call(person, 'PUT /v1/users/me/devices/browser', { kind: 'webpush', subscription, name: 'Browser' })
  return browser
}

/** People who have just signed up are known to the messages service a moment later. */
const groupOf = (owner: Person, ...others: Person[]) =>
  vi.waitFor(
    () =>
      call<{ id: string }>(owner, 'POST /v1/conversations', {
        kind: 'group',
        title: 'Trip',
        userIds: others.map(({ userId }) => userId),
      }),
    { timeout: 10_000 },
  )
const say = (person: Person, chat: string, text: string) =>
  call<{ id: string; seq: number }>(person, `POST /v1/conversations/${chat}/messages`, { id: newId(), text })
const soon = (look: () => unknown) => vi.waitFor(look, { timeout: 15_000, interval: 50 })

async function threePeople() {
  const people = await Promise.all(['anna', 'ben', 'clara'].map((name) => registerPerson(server.url, name)))
  return people as [Person, Person, Person]
}

test('whoever is away is notified, whoever is there is not, and reading takes it away everywhere', async () => {
  const [anna, ben, clara] = await threePeople()
  const [phone, browser] = [await phoneOf(anna), await browserOf(await signInAgain(server.url, anna))]
  const claras = await phoneOf(clara)
  const { id: chat } = await groupOf(ben, anna, clara)
  using socket = await openSocket(server.url, { token: clara.token })
  await socket.hears('ready')

  await say(ben, chat, 'one')
  const { seq } = await say(ben, chat, 'two')
  await socket.hears('events', (events) => JSON.stringify(events).includes('"two"'))
  expect(await socket.request('delivered', { conversationId: chat, seq })).toEqual({ ok: true })
  for (const device of [phone, browser]) {
    await soon(() =>
      expect(device.shown().get(chat)).toMatchObject({
        title: 'Trip',
        body: '2 new messages\nben: two',
        badge: 2,
      }),
    )
  }

  await call(anna, `POST /v1/conversations/${chat}/read`, { seq })
  for (const device of [phone, browser]) await soon(() => expect(device.shown().size).toBe(0))
  expect(browser.received.at(-1)?.payload).toMatchObject({ type: 'clear', badge: 0 })
  expect(claras.received).toEqual([])
  expect(web.mistakes).toEqual([])
})

test('mutes, mentions, blocks, preview and what was deleted in time count as they stand', async () => {
  const [anna, ben, clara] = await threePeople()
  const [phone, claras] = [await phoneOf(anna), await phoneOf(clara)]
  const { id: chat } = await groupOf(ben, anna, clara)
  const { id: other } = await groupOf(ben, anna)
  await call(anna, `PATCH /v1/conversations/${chat}/me`, { notify: 'mentions' })
  await call(anna, 'PATCH /v1/users/me', { preferences: { notifications: { preview: false } } })
  await call(clara, `PUT /v1/users/me/blocks/${ben.userId}`)

  await say(ben, chat, 'not for you')
  const regretted = await say(ben, other, 'regretted')
  await call(ben, `DELETE /v1/messages/${regretted.id}`)
  const { seq } = await say(ben, chat, `@${anna.username} for you`)
  await soon(() => expect(phone.shown().get(chat)).toMatchObject({ title: 'Finnigram', seq }))
  await say(ben, other, 'the last')
  await soon(() => expect(phone.shown().has(other)).toBe(true))
  expect(JSON.stringify(phone.received)).not.toMatch(/for you|regretted|the last|ben/)
  expect(phone.shown().get(other)).toMatchObject({ body: 'New message' })
  expect(claras.received).toEqual([])
})

test('a device whose push service does not know it is forgotten, and the test tells why', async () => {
  const [anna] = await threePeople()
  const browser = await browserOf(anna)
  const test = (deviceId: string) =>
    ask(server.url, 'POST /v1/push/test', { token: anna.token, body: { deviceId } })
  expect((await test('browser')).body).toMatchObject({ ok: true })
  expect(browser.received).toMatchObject([{ payload: { type: 'test' } }])
  browser.answers.push(410)
  expect((await test('browser')).body).toMatchObject({ ok: false })
  await soon(async () => expect((await test('browser')).status).toBe(404))
})
