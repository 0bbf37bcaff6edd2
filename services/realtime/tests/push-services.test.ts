import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { newId, type PushDevice } from '@finnigram/contracts'
import { startWebPushService, type TestBrowser, type WebPushService } from '@finnigram/realtime/testing'
import { eventually } from '@finnigram/testing'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { PushJob } from '../src/push/push-job.ts'
import { createDispatcher } from '../src/push/send/dispatcher.ts'
import { createReceipts } from '../src/push/send/receipts.ts'
import { createRefusals } from '../src/push/send/refusals.ts'
import { createWebPushSender } from '../src/push/send/web-push-sender.ts'
import { newWho, type Who } from './fixture/start-fake-users.ts'
import { type PushEnvironment, startPushEnvironment } from './fixture/start-push-environment.ts'

const hourMs = 3600_000

let environment: PushEnvironment
/** Another push service than that of everybody else. */
let other: WebPushService
beforeAll(async () => {
  environment = await startPushEnvironment({ env: { PUSH_DELAY_MS: '100' } })
})
afterAll(() => environment[Symbol.asyncDispose]())
beforeEach(async () => {
  other = await startWebPushService()
  setDefaultCACertificates([...getCACertificates('default'), other.certificate])
  return () => other[Symbol.asyncDispose]()
})

function browserOf(who: Who, service: WebPushService): { browser: TestBrowser; device: PushDevice } {
  const browser = service.subscribe(environment.pushDevices.keys.publicKey)
  const device = environment.pushDevices.add(who, { kind: 'webpush', subscription: browser.subscription })
  return { browser, device }
}

const refusalsOf = ({ targetKey }: PushDevice) => `finnigram:push:refused:${targetKey}`

/**
 * Has this many notifications refused, one after the other, while others of the same chat may be
 * taken.
 */
async function refuse(chat: Chat, ben: Who, { device, times }: { device: PushDevice; times: number }) {
  const before = Number((await environment.redis.hget(refusalsOf(device), 'count')) ?? 0)
  for (let i = 1; i <= times; i += 1) {
    await environment.chats.say(chat, ben, 'hello')
    await eventually(async () =>
      expect(await environment.redis.hget(refusalsOf(device), 'count')).toBe(String(before + i)),
    )
  }
}
type Chat = Parameters<PushEnvironment['chats']['say']>[0]

/** By the clock of Redis. */
const passHour = async (device: PushDevice) => environment.redis.hincrby(refusalsOf(device), 'first', -hourMs)

test.each([400, 405])(
  'a browser that is refused for ever with %d, while others are taken, is forgotten after an hour',
  async (status) => {
    const [anna, ben] = [newWho(), newWho()]
    const [{ browser, device }, { browser: well }] = [browserOf(anna, other), browserOf(anna, other)]
    const chat = environment.chats.open([anna, ben])
    browser.always = status
    await refuse(chat, ben, { device, times: 5 })
    await passHour(device)
    expect(await environment.redis.pttl(refusalsOf(device))).toBeGreaterThan(24 * hourMs)
    await environment.chats.say(chat, ben, 'hello')
    await eventually(() => expect(environment.pushDevices.forgotten).toContain(device.targetKey))
    expect(browser.attempts).toBe(6)
    await eventually(() => expect(well.received.at(-1)?.payload.seq).toBe(6))
  },
)

test('where a push service refuses everybody nobody is forgotten, for the mistake may be of this server', async () => {
  const [anna, ben] = [newWho(), newWho()]
  const both = [browserOf(anna, other), browserOf(anna, other)] as const
  const chat = environment.chats.open([anna, ben])
  for (const { browser } of both) browser.always = 403
  const [{ device }] = both
  await refuse(chat, ben, { device, times: 5 })
  await environment.settled()
  for (const one of both) await passHour(one.device)
  await environment.chats.say(chat, ben, 'hello')
  await eventually(() => expect(both.map(({ browser }) => browser.attempts)).toEqual([6, 6]))
  await environment.settled()

  for (const { browser } of both) browser.always = undefined
  await environment.chats.say(chat, ben, 'mended')
  await eventually(() => expect(both.map(({ browser }) => browser.received.length)).toEqual([1, 1]))
  for (const one of both) {
    await eventually(async () => expect(await environment.redis.exists(refusalsOf(one.device))).toBe(0))
    expect(environment.pushDevices.forgotten).not.toContain(one.device.targetKey)
  }
})

/** A notification of one message in a conversation of its own, planned. */
async function planFor(
  { userId, targetKey, target }: PushDevice,
  { conversationId = newId(), seq = 1 } = {},
): Promise<{ entryId: string; job: PushJob }> {
  const planned = { firstSeq: seq, lastSeq: seq, count: 1, mentioned: false }
  await nodePush().notificationState.plan({ userId, conversationId }, planned)
  const words = { title: 'Ben', body: 'hello', badge: 1, tag: conversationId }
  const payload = { type: 'message' as const, conversationId, seq, ...words }
  const now = Date.now()
  const start = { count: 1, fromSeq: seq, at: now, queuedAt: now, attempt: 0 }
  const job = { userId, targetKey, target, sound: true, urgency: 'high' as const, payload, ...start }
  return { entryId: `${entries++}-0`, job }
}
/** Older than anything on the queue. */
let entries = 1

function nodePush() {
  const [node] = environment.base.nodes
  if (!node) throw new Error('There is no node')
  return node.ctx.push
}

/** A dispatcher like that of a node, but smaller. */
function openDispatcher(size: { maxInFlight: number; perService: number }) {
  const ctx = nodePush()
  const forget = () => {}
  const receipts = createReceipts({ ...ctx, expo: ctx.expo.expo, forget })
  const webPush = createWebPushSender({ keys: ctx.keys, subject: 'mailto:a@example.com', allowPrivate: true })
  const dispatcher = createDispatcher(
    { ctx, forget, receipts, refusals: createRefusals(ctx.redis) },
    { webPush, ...size },
  )
  return { dispatcher, [Symbol.dispose]: () => webPush[Symbol.dispose]() }
}

test('a browser that takes its time holds its own place, and none of what was taken up with it', async () => {
  using opened = openDispatcher({ maxInFlight: 3, perService: 3 })
  const { dispatcher } = opened
  const [slow, quick, third] = [newWho(), newWho(), newWho()].map((who) => browserOf(who, other))
  if (!slow || !quick || !third) throw new Error('Nobody came')
  const answer = Promise.withResolvers<void>()
  slow.browser.answersAfter = answer.promise
  const first = await planFor(quick.device)
  dispatcher.dispatch([await planFor(slow.device), first, await planFor(third.device)])
  expect(dispatcher.capacity).toBe(0)
  await dispatcher.slotFreed()
  await eventually(() => expect(dispatcher.capacity).toBe(2))
  dispatcher.dispatch([await planFor(quick.device, { ...first.job.payload, seq: 2 })])
  await eventually(() => expect(quick.browser.received.map(({ payload }) => payload.seq)).toEqual([1, 2]))
  expect([slow.browser.attempts, slow.browser.received.length]).toEqual([1, 0])
  answer.resolve()
  await dispatcher.drained()
  expect([dispatcher.capacity, slow.browser.received.length]).toEqual([3, 1])
})

test('notifications of one device and conversation are sent in order, however slowly', async () => {
  using opened = openDispatcher({ maxInFlight: 3, perService: 3 })
  const { browser, device } = browserOf(newWho(), other)
  const answer = Promise.withResolvers<void>()
  browser.answersAfter = answer.promise
  const first = await planFor(device)
  opened.dispatcher.dispatch([first])
  await eventually(() => expect(browser.attempts).toBe(1))
  const second = await planFor(device, { ...first.job.payload, seq: 2 })
  const another = await planFor(device)
  opened.dispatcher.dispatch([second, another])
  await eventually(() => expect(browser.attempts).toBe(2))
  answer.resolve()
  await opened.dispatcher.drained()
  const received = browser.received.map(({ payload }) => `${payload.conversationId} ${payload.seq}`)
  const { conversationId } = first.job.payload
  expect(received.toSorted()).toEqual(
    [`${conversationId} 1`, `${conversationId} 2`, `${another.job.payload.conversationId} 1`].toSorted(),
  )
  expect(received.indexOf(`${conversationId} 1`)).toBeLessThan(received.indexOf(`${conversationId} 2`))
})

test('what finds no place of its push service waits for a moment, what goes elsewhere does not', async () => {
  using opened = openDispatcher({ maxInFlight: 4, perService: 2 })
  const { dispatcher } = opened
  const slow = [newWho(), newWho(), newWho()].map((who) => browserOf(who, other))
  const quick = browserOf(newWho(), environment.web)
  const answer = Promise.withResolvers<void>()
  for (const { browser } of slow) browser.answersAfter = answer.promise
  dispatcher.dispatch(await Promise.all(slow.map(({ device }) => planFor(device))))
  expect(dispatcher.capacity).toBe(2)
  dispatcher.dispatch([await planFor(quick.device)])
  await eventually(() => expect(quick.browser.received.length).toBe(1))
  expect(slow.map(({ browser }) => browser.received.length)).toEqual([0, 0, 0])
  answer.resolve()
  await dispatcher.drained()
  // What was put off is sent by whatever node gets to it.
  await eventually(() => expect(slow.map(({ browser }) => browser.received.length)).toEqual([1, 1, 1]))
})

test('hundreds of browsers whose push service takes its time keep nobody else waiting', async () => {
  const [anna, ben] = [newWho(), newWho()]
  const many = Array.from({ length: 450 }, () => newWho())
  const answer = Promise.withResolvers<void>()
  const slow = many.map((who) => browserOf(who, other).browser)
  for (const browser of slow) browser.answersAfter = answer.promise
  const { browser } = browserOf(anna, environment.web)
  const phone = environment.phoneOf(anna)
  await environment.chats.say(environment.chats.open([ben, ...many], { title: 'Many' }), ben, 'hello')
  await eventually(() => expect(slow.filter(({ attempts }) => attempts > 0).length).toBe(32))
  await environment.chats.say(environment.chats.open([anna, ben]), ben, 'hello')
  await eventually(() => expect([browser.received.length, phone.received.length]).toEqual([1, 1]), {
    within: 20_000,
  })
  // Not because the first of them were given up meanwhile.
  expect(slow.filter(({ attempts }) => attempts > 0).length).toBe(32)
  answer.resolve()
  for (const one of slow) one.answersAfter = undefined
  await eventually(() => expect(slow.every((one) => one.shown().size === 1)).toBe(true), { within: 20_000 })
}, 60_000)
