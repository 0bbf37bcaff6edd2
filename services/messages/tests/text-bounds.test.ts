import { type Message, newId } from '@finnigram/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Person, startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'

/** 24,000 bytes; with these settings a person may write four of them in a minute. */
const long = '漢'.repeat(8000)

let messages: TestMessages
let alice: Person
let bob: Person

beforeAll(async () => {
  messages = await startTestMessages({ env: { RATE_LIMIT_SCALE: '0.05' } })
  alice = await messages.join('Alice')
  bob = await messages.join('Bob')
})
afterAll(() => messages[Symbol.asyncDispose]())

test('text has a quota in bytes, whichever way it comes, and each person their own', async () => {
  const chat = await messages.group(alice, [bob])
  const send = (who: Person, text: string) =>
    who.call<{ code: string }>(`POST /v1/conversations/${chat.id}/messages`, { id: newId(), text })
  const [first] = await Promise.all([alice.say(chat.id, long), alice.say(chat.id, long)])
  await alice.call('POST /v1/messages', {
    messages: [1, 2].map(() => ({ conversationId: chat.id, id: newId(), text: long })),
  })
  // Sends have a limit of their own, of five in two seconds.
  await new Promise((resolve) => setTimeout(resolve, 2100))
  const refused = await send(alice, long)
  expect([refused.status, refused.body.code]).toEqual([429, 'rate_limited'])
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(30)

  expect((await send(alice, 'a word')).status).toBe(429)
  expect((await alice.call(`PATCH /v1/messages/${first.id}`, { text: 'a word' })).status).toBe(429)
  expect((await alice.call(`PATCH /v1/conversations/${chat.id}/me`, { draft: long })).status).toBe(429)
  expect((await alice.call(`PATCH /v1/conversations/${chat.id}`, { title: 'Words' })).status).toBe(429)
  const batch = await alice.call<{ items: { status: number }[] }>('POST /v1/messages', {
    messages: [{ conversationId: chat.id, id: newId(), text: 'a word' }],
  })
  expect(batch.body.items).toMatchObject([{ status: 429, error: { code: 'rate_limited' } }])
  const sends = [{ conversationId: chat.id, id: newId(), text: 'a word', senderId: alice.id }]
  const bySocket = await messages.internal('POST /internal/sends', { sends })
  expect(bySocket.body).toMatchObject({ results: [{ status: 429, error: { code: 'rate_limited' } }] })
  expect((await send(bob, 'a word')).status).toBe(201)
  const metrics = await (await fetch(`${messages.node.url}/metrics`)).text()
  expect(metrics).toMatch(/rate_limited_total\{limit="text-minute",service="messages"\} [1-9]/)
})

test('what is forwarded counts by what it brings', async () => {
  const [carol, dora] = [await messages.join('Carol'), await messages.join('Dora')]
  const chat = await messages.group(carol, [dora])
  const original = await carol.say(chat.id, long)
  const forward = () =>
    dora.call<Message>(`POST /v1/conversations/${chat.id}/messages`, { id: newId(), forwardOf: original.id })
  // A quarter of a draft counts.
  const drafts = [1, 2, 3, 4].map(() => dora.call(`PATCH /v1/conversations/${chat.id}/me`, { draft: long }))
  expect((await Promise.all(drafts)).map(({ status }) => status)).toEqual([200, 200, 200, 200])
  const statuses = []
  for (let i = 0; i < 5; i += 1) statuses.push((await forward()).status)

  // The last that is taken goes over it: how much it brings is known when it is stored.
  expect(statuses).toEqual([201, 201, 201, 201, 429])
})
