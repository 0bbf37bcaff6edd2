import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { newId } from '@finnigram/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import webpush from 'web-push'
import {
  startWebPushService,
  type TestBrowser,
  type WebPushService,
} from '../../testing/start-web-push-service.ts'
import type { PushJob } from '../push-job.ts'
import { createWebPushSender } from './web-push-sender.ts'

let push: WebPushService
const pair = webpush.generateVAPIDKeys()
const keys = { get: async () => pair }
const subject = 'mailto:owner@example.com'
const open = createWebPushSender({ keys, subject, allowPrivate: true })
const careful = createWebPushSender({ keys, subject, allowPrivate: false })
beforeAll(async () => {
  push = await startWebPushService()
  setDefaultCACertificates([...getCACertificates('default'), push.certificate])
})
afterAll(() => push[Symbol.asyncDispose]())

function jobFor({ subscription }: Pick<TestBrowser, 'subscription'>, body = 'hello'): PushJob {
  const conversationId = newId()
  const payload = {
    type: 'message' as const,
    conversationId,
    seq: 1,
    title: 'Ben',
    body,
    badge: 1,
    tag: conversationId,
  }
  const who = { userId: newId(), targetKey: newId(), target: { kind: 'webpush' as const, subscription } }
  return {
    ...who,
    payload,
    sound: true,
    urgency: 'high',
    at: 0,
    queuedAt: 0,
    attempt: 0,
    count: 1,
    fromSeq: 1,
  }
}
const at = (endpoint: string) => {
  const { subscription } = push.subscribe(pair.publicKey)
  return jobFor({ subscription: { ...subscription, endpoint } })
}

test('a notification is encrypted for the browser and signed by this server', async () => {
  const browser = push.subscribe(pair.publicKey)
  expect(await open.send(jobFor(browser))).toMatchObject({ kind: 'sent' })
  expect(browser.received).toMatchObject([{ payload: { body: 'hello' }, urgency: 'high', ttl: 259_200 }])
})

test('the longest notification there is fits', async () => {
  const browser = push.subscribe(pair.publicKey)
  expect(await open.send(jobFor(browser, '字'.repeat(600)))).toMatchObject({ kind: 'sent' })
})

test.each([
  [404, { kind: 'gone' }],
  [410, { kind: 'gone' }],
  [429, { kind: 'later', reason: 'limited' }],
  [500, { kind: 'later', reason: 'failing' }],
  [400, { kind: 'refused', reason: '400', mayBeGone: true }],
  [403, { kind: 'refused', reason: '403', mayBeGone: true }],
  [405, { kind: 'refused', reason: '405', mayBeGone: true }],
  [408, { kind: 'later', reason: 'failing' }],
  [413, { kind: 'refused', reason: '413', mayBeGone: false }],
] as const)('an answer of %d means: %j', async (status, outcome) => {
  const browser = push.subscribe()
  browser.answers.push(status)
  expect(await open.send(jobFor(browser))).toMatchObject(outcome)
})

test('a push service says how long to wait', async () => {
  const browser = push.subscribe()
  browser.answers.push({ status: 429, headers: { 'retry-after': '7' } })
  expect(await open.send(jobFor(browser))).toMatchObject({ kind: 'later', afterMs: 7000 })
})

test('nothing is sent to this machine, to a private network, or without TLS', async () => {
  const browser = push.subscribe()
  const { pathname, port } = new URL(browser.subscription.endpoint)
  const hosts = ['127.0.0.1', '[::1]', '[::ffff:127.0.0.1]', '10.0.0.1', '169.254.169.254', '0', '2130706433']
  for (const host of hosts) {
    const outcome = await careful.send(at(`https://${host}:${port}${pathname}`))
    expect([host, outcome]).toMatchObject([host, { kind: 'refused', reason: 'private' }])
  }
  expect(await careful.send(at('http://push.example.com/x'))).toMatchObject({
    kind: 'refused',
    reason: 'insecure',
  })
  expect(await open.send(at(`http://127.0.0.1:${port}${pathname}`))).toMatchObject({ reason: 'insecure' })
  expect(browser.attempts).toBe(0)
})

test('a redirect is not followed', async () => {
  const [browser, secret] = [push.subscribe(), push.subscribe()]
  browser.answers.push({ status: 307, headers: { location: secret.subscription.endpoint } })
  expect(await open.send(jobFor(browser))).toMatchObject({ kind: 'refused', reason: '307' })
  expect(secret.attempts).toBe(0)
})

test('an endless response is closed once its head is read', async () => {
  const browser = push.subscribe()
  browser.answers.push('endless')
  expect(await open.send(jobFor(browser))).toMatchObject({ kind: 'later', reason: 'failing' })
})

test('a host that cannot be reached is retried', async () => {
  const outcome = await careful.send(at('https://nothing.example.com/push'))
  expect(outcome).toMatchObject({ kind: 'later', reason: 'away' })
})

test('a subscription without usable keys is gone', async () => {
  const { subscription } = push.subscribe()
  const broken = { ...subscription, keys: { p256dh: 'AAAA', auth: subscription.keys.auth } }
  expect(await open.send(jobFor({ subscription: broken }))).toMatchObject({ kind: 'gone' })
  const offCurve = Buffer.alloc(65, 7)
  offCurve[0] = 4
  const wrong = { ...subscription, keys: { ...subscription.keys, p256dh: offCurve.toString('base64url') } }
  expect(await open.send(jobFor({ subscription: wrong }))).toMatchObject({ kind: 'gone' })
})

test('repeated failures of a host open its circuit breaker, but a test passes it', async () => {
  const sender = createWebPushSender({ keys, subject, allowPrivate: true })
  const browser = push.subscribe()
  browser.always = 500
  for (let i = 0; i < 6; i += 1) await sender.send(jobFor(browser))
  expect(browser.attempts).toBe(5)
  expect(await sender.send(jobFor(browser))).toMatchObject({ kind: 'later', afterMs: expect.any(Number) })
  await sender.send({ ...jobFor(browser), testId: newId() })
  expect(browser.attempts).toBe(6)
})
