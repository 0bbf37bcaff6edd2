import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { Expo } from 'expo-server-sdk'
import { Agent } from 'undici'
import { afterAll, beforeAll, expect, test } from 'vitest'
import webpush from 'web-push'
import { type ExpoService, startExpoService } from './start-expo-service.ts'
import { startWebPushService, type WebPushService } from './start-web-push-service.ts'

let push: WebPushService
let expo: ExpoService
beforeAll(async () => {
  push = await startWebPushService()
  expo = await startExpoService({ accessToken: 'secret' })
  setDefaultCACertificates([...getCACertificates('default'), push.certificate])
})
afterAll(() => Promise.all([push[Symbol.asyncDispose](), expo[Symbol.asyncDispose]()]))

const { publicKey, privateKey } = webpush.generateVAPIDKeys()
const vapidDetails = { subject: 'mailto:owner@example.com', publicKey, privateKey }
const payload = { type: 'message', tag: 'c', seq: 3, conversationId: 'c', title: 'Ä', body: '字', badge: 2 }

const sendTo = (subscription: webpush.PushSubscription, options: webpush.RequestOptions = {}) =>
  webpush
    .sendNotification(subscription, JSON.stringify(payload), { vapidDetails, TTL: 60, ...options })
    .then(({ statusCode }) => statusCode)
    .catch((error: unknown) => (error instanceof webpush.WebPushError ? error.statusCode : String(error)))

test('a browser reads what the web-push library encrypted for it', async () => {
  const browser = push.subscribe(publicKey)
  const status = await sendTo(browser.subscription, { topic: 'a-topic', urgency: 'high' })
  expect(status).toBe(201)
  expect(browser.received).toEqual([{ payload, ttl: 60, topic: 'a-topic', urgency: 'high' }])
  expect(browser.shown().get('c')).toEqual(payload)
})

test('the push service refuses who is not the sender the browser subscribed with', async () => {
  const browser = push.subscribe(publicKey)
  const other = { ...vapidDetails, ...webpush.generateVAPIDKeys() }
  const stolen = { ...other, publicKey }
  expect(await sendTo(browser.subscription, { vapidDetails: other })).toBe(403)
  expect(await sendTo(browser.subscription, { vapidDetails: stolen })).toBe(403)
  expect(browser.received).toEqual([])
  expect(push.mistakes.splice(0)).toEqual([
    'Another key made the subscription',
    'The signature is not of that key',
  ])
})

test('what is encrypted for another browser cannot be read', async () => {
  const [one, two] = [push.subscribe(), push.subscribe()]
  const mixed = { ...one.subscription, keys: two.subscription.keys }
  expect(await sendTo(mixed)).toBe(400)
  expect(push.mistakes.splice(0)).toEqual([expect.stringContaining('The browser cannot read it')])
})

test('a push service answers as it is told to, and is away while it is stopped', async () => {
  const browser = push.subscribe(publicKey)
  browser.answers.push(410, { status: 429, headers: { 'retry-after': '3' } })
  expect(await sendTo(browser.subscription)).toBe(410)
  expect(await sendTo(browser.subscription)).toBe(429)
  await push.stop()
  expect(await sendTo(browser.subscription)).toMatch(/ECONN|hang up/)
  await push.start()
  expect(await sendTo(browser.subscription)).toBe(201)
  expect(browser.attempts).toBe(3)
})

/** The library talks to Expo's own address: this turns it round. */
function expoClient(accessToken: string): Expo {
  const agent = new Agent()
  const httpAgent = agent.compose(
    (dispatch) => (options, handler) => dispatch({ ...options, origin: expo.url }, handler),
  )
  return new Expo({ accessToken, httpAgent })
}

test('a phone gets what the library of Expo sends, with a receipt', async () => {
  const [phone, gone] = [expo.newPhone(), expo.newPhone()]
  gone.ticketErrors.push('DeviceNotRegistered')
  const client = expoClient('secret')
  const data = { ...payload, filler: 'x'.repeat(1500) }
  const tickets = await client.sendPushNotificationsAsync([
    { to: phone.token, title: 'Hello', data },
    { to: gone.token, title: 'Hello' },
  ])
  expect(tickets).toMatchObject([
    { status: 'ok' },
    { status: 'error', details: { error: 'DeviceNotRegistered' } },
  ])
  expect(phone.received).toMatchObject([{ title: 'Hello' }])
  expect(phone.shown().has('c')).toBe(true)
  expect(expo.requests.at(-1)).toMatchObject({ size: 2, isCompressed: true })
  const id = tickets[0]?.status === 'ok' ? tickets[0].id : ''
  expect(await client.getPushNotificationReceiptsAsync([id, 'unknown'])).toEqual({ [id]: { status: 'ok' } })
})

test('Expo refuses phones of two projects in one request, and a wrong access token', async () => {
  const [ours, theirs] = [expo.newPhone(), expo.newPhone('@somebody/else')]
  const messages = [ours, theirs].map(({ token }) => ({ to: token }))
  const refusal = expoClient('secret').sendPushNotificationsAsync(messages)
  await expect(refusal).rejects.toMatchObject({ code: 'PUSH_TOO_MANY_EXPERIENCE_IDS', statusCode: 400 })
  const wrong = expoClient('wrong').sendPushNotificationsAsync([{ to: ours.token }])
  await expect(wrong).rejects.toMatchObject({ statusCode: 401 })
  expect(ours.received).toEqual([])
})
