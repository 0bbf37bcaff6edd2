import { Resolver } from 'node:dns/promises'
import { newId } from '@finnigram/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import webpush from 'web-push'
import { newEcdh } from '../../testing/read-push-body.ts'
import { type NameServer, startNameServer } from '../../testing/start-name-server.ts'
import { createPublicLookup } from './ssrf-safe-post.ts'
import { createWebPushSender } from './web-push-sender.ts'

let names: NameServer
const resolver = new Resolver({ timeout: 500, tries: 1 })
beforeAll(async () => {
  names = await startNameServer({
    'push.example.com': ['8.8.8.8', '2a00:1450::1'],
    'half.example.com': ['127.0.0.1', '10.0.0.7', '8.8.4.4', '::1'],
    'inside.example.com': ['127.0.0.1', '::1'],
    'hidden.example.com': ['::ffff:7f00:1', '64:ff9b::7f00:1'],
  })
  resolver.setServers([names.address])
})
afterAll(() => names[Symbol.asyncDispose]())

const look = (host: string, options: { all?: boolean; family?: number } = { all: true }) =>
  new Promise((resolve) => {
    createPublicLookup(resolver)(host, options, (error, found, family) =>
      resolve(error ? error.name : options.all ? found : { found, family }),
    )
  })

test('a lookup returns public addresses only', async () => {
  const both = [
    { address: '8.8.8.8', family: 4 },
    { address: '2a00:1450::1', family: 6 },
  ]
  expect(await look('push.example.com')).toEqual(both)
  expect(await look('push.example.com', { family: 6 })).toEqual({ found: '2a00:1450::1', family: 6 })
  expect(await look('half.example.com')).toEqual([{ address: '8.8.4.4', family: 4 }])
})

test('a lookup of a name with private addresses fails', async () => {
  expect(await look('inside.example.com')).toBe('PrivateAddressError')
  expect(await look('hidden.example.com')).toBe('PrivateAddressError')
  expect(await look('nothing.example.com')).toBe('Error')
})

test('a push endpoint is refused by its address at the time of connecting', async () => {
  const pair = webpush.generateVAPIDKeys()
  const options = {
    keys: { get: async () => pair },
    subject: 'mailto:owner@example.com',
    allowPrivate: false,
  }
  using sender = createWebPushSender({ ...options, resolver })
  const keys = { p256dh: newEcdh().getPublicKey('base64url'), auth: Buffer.alloc(16).toString('base64url') }
  const subscription = { endpoint: 'https://inside.example.com/push', keys }
  const payload = {
    type: 'message' as const,
    conversationId: '',
    seq: 1,
    title: '',
    body: 'x',
    badge: 1,
    tag: 'x',
  }
  const who = { userId: newId(), targetKey: newId(), target: { kind: 'webpush' as const, subscription } }
  const job = {
    ...who,
    payload,
    sound: true,
    urgency: 'high' as const,
    at: 0,
    queuedAt: 0,
    attempt: 0,
    count: 1,
    fromSeq: 1,
  }
  expect(await sender.send(job)).toMatchObject({ kind: 'refused', reason: 'private' })
  expect(names.asked).toContain('inside.example.com')
})
