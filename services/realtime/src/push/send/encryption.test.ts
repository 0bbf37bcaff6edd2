import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { newEcdh, readPushBody } from '../../testing/read-push-body.ts'
import { createPushEncryption } from './encryption.ts'

const browser = { keys: newEcdh(), auth: Buffer.alloc(16, 7) }
const orderOf = (payload: string) => ({
  endpoint: 'https://push.example.com/1',
  keys: {
    p256dh: browser.keys.getPublicKey().toString('base64url'),
    auth: browser.auth.toString('base64url'),
  },
  payload,
  authorization: 'vapid t=a, k=b',
  ttl: 60,
  topic: 'topic',
  urgency: 'high' as const,
})

/** A thread that answers with the payload, dies of `die` and hangs on `hang`. */
const thread = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort } from 'node:worker_threads'
    parentPort.on('message', ({ id, payload }) => {
      if (payload === 'die') process.exit(1)
      if (payload === 'hang') for (;;);
      parentPort.postMessage({ id, request: { headers: { payload }, body: new Uint8Array() } })
    })`)}`,
)
const open = () => createPushEncryption({ source: thread, silentMs: 1000 })
const payloadOf = (request: { headers: Record<string, unknown> } | undefined) => request?.headers['payload']

test('the browser can decrypt the request, and results keep their order', async () => {
  using encryption = createPushEncryption()
  const payloads = Array.from({ length: 100 }, (_, i) => `hello ${i}`)
  const requests = await Promise.all(payloads.map((payload) => encryption.encrypt(orderOf(payload))))
  const read = requests.map((request) => readPushBody(Buffer.from(request?.body ?? []), browser))
  expect(read).toEqual(payloads)
  expect(requests[0]?.headers).toMatchObject({ TTL: 60, Urgency: 'high', Topic: 'topic' })
})

test('a subscription without usable keys has no request', async () => {
  using encryption = createPushEncryption()
  const order = orderOf('hello')
  expect(await encryption.encrypt({ ...order, keys: { ...order.keys, p256dh: 'AAAA' } })).toBe(undefined)
})

test('the event loop stays free while many notifications are encrypted', async () => {
  using encryption = createPushEncryption()
  await encryption.encrypt(orderOf('the thread has started'))
  const busy = Promise.all(Array.from({ length: 500 }, () => encryption.encrypt(orderOf('hello'))))
  let hasEnded = false
  let turns = 0
  void busy.then(() => {
    hasEnded = true
  })
  for (; !hasEnded; turns += 1) await turn()
  expect(turns).toBeGreaterThan(500)
})

test('when the thread dies its orders are rejected, and the waiting ones reach the next thread', async () => {
  using encryption = open()
  const orders = ['one', 'die', ...Array.from({ length: 40 }, (_, i) => `order ${i}`)]
  const outcomes = await Promise.allSettled(orders.map((payload) => encryption.encrypt(orderOf(payload))))
  const [first, second, ...others] = outcomes.map(({ status }) => status)
  expect([first, second]).toEqual(['fulfilled', 'rejected'])
  // The thread had the first sixteen, and one more for the answer it gave.
  expect(others.filter((status) => status === 'rejected').length).toBeLessThanOrEqual(15)
  expect(others.at(-1)).toBe('fulfilled')
  expect(payloadOf(await encryption.encrypt(orderOf('after')))).toBe('after')
})

test('a thread that hangs is replaced', async () => {
  using encryption = open()
  await expect(encryption.encrypt(orderOf('hang'))).rejects.toThrow('has died')
  expect(payloadOf(await encryption.encrypt(orderOf('after')))).toBe('after')
})

test('a thread that cannot start rejects what it was given', async () => {
  using encryption = createPushEncryption({ source: new URL('./not-there.ts', import.meta.url) })
  await expect(encryption.encrypt(orderOf('hello'))).rejects.toThrow('has died')
  await expect(encryption.encrypt(orderOf('hello'))).rejects.toThrow('has died')
})

test('the queue is bounded, and more orders are rejected at once', async () => {
  using encryption = open()
  const orders = Array.from({ length: 1017 }, () => encryption.encrypt(orderOf('hello')))
  const outcomes = await Promise.allSettled(orders)
  expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(1)
})

test('when the node stops, pending orders are rejected', async () => {
  const encryption = open()
  const orders = Array.from({ length: 40 }, () => encryption.encrypt(orderOf('hang')))
  encryption[Symbol.dispose]()
  const outcomes = await Promise.allSettled(orders)
  expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true)
})
