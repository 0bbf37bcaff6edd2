import type { Conversation, ConversationMe, ConversationMeChange, SyncReply } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { listAccountEvents } from './fixture/account-events.ts'
import { type Person, startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'

let messages: TestMessages
let alice: Person
let bob: Person
let chat: Conversation
beforeAll(async () => {
  messages = await startTestMessages({ count: 2 })
})
afterAll(() => messages[Symbol.asyncDispose]())
beforeEach(async () => {
  alice = await messages.join('Alice')
  bob = await messages.join('Bob')
  chat = await messages.direct(alice, bob)
})

const patch = (person: Person, change: ConversationMeChange, node = messages.node) =>
  person.call<ConversationMe>(`PATCH /v1/conversations/${chat.id}/me`, change, node)
const told = (person: Person) => listAccountEvents(messages, person.id, 'conversation.me')

test('settings are personal, and omitted fields stay as they are', async () => {
  const mutedUntil = '2030-01-01T00:00:00.000Z'
  expect(await patch(alice, { mutedUntil, draft: ' half a ' })).toMatchObject({ status: 200 })
  const { status, body } = await patch(alice, { archived: true, pinned: true, notify: 'mentions' })

  expect(status).toBe(200)
  expect(body).toMatchObject({
    mutedUntil,
    draft: ' half a ',
    archived: true,
    pinned: true,
    notify: 'mentions',
  })
  expect((await alice.chat(chat.id)).me).toEqual(body)
  expect((await bob.chat(chat.id)).me).toMatchObject({ mutedUntil: null, draft: null, archived: false })
  expect((await patch(alice, { mutedUntil: null, draft: '' })).body).toMatchObject({
    mutedUntil: null,
    draft: null,
  })
  expect(await alice.chat(chat.id)).toMatchObject({ version: 1 })
})

test('only the devices of the user get an event, and none without a change', async () => {
  await bob.say(chat.id, 'hi')
  const { body: first } = await patch(alice, { draft: 'a' })
  await patch(alice, { draft: 'a' })
  await patch(alice, {})
  const { body: second } = await patch(alice, { draft: 'ab' }, messages.nodes[1])
  await eventually(async () => {
    expect(await told(alice)).toEqual([
      { conversationId: chat.id, me: first },
      { conversationId: chat.id, me: second },
    ])
  })
  expect(first).toMatchObject({ draft: 'a', unreadCount: 1 })
  expect(await told(bob)).toEqual([])
})

test('an offline device gets the change by its next sync', async () => {
  const before = await alice.call<SyncReply>('POST /v1/sync', { known: {} })
  const { body: me } = await patch(alice, { draft: 'written on the phone' })
  const request = { known: { [chat.id]: 1 }, since: before.body.cursor }
  const { body } = await alice.call<SyncReply>('POST /v1/sync', request)
  expect(body).toMatchObject({ me: [{ conversationId: chat.id, me }], conversations: [] })
})

test('an invalid change is rejected as a whole, with every error', async () => {
  const wrong = { mutedUntil: '9999-12-31T23:59:59-14:00', notify: 'some', draft: 'x'.repeat(16_001) }
  const reply = await alice.call<{ errors: { path: string }[] }>(
    `PATCH /v1/conversations/${chat.id}/me`,
    wrong,
  )
  expect(reply.status).toBe(400)
  expect(reply.body.errors.map(({ path }) => path).toSorted()).toEqual([
    'body.draft',
    'body.mutedUntil',
    'body.notify',
  ])
  for (const mutedUntil of ['0000-06-01T00:00:00.000Z', '0001-01-01T00:00:00+01:00'])
    expect((await patch(alice, { mutedUntil })).status).toBe(400)
  expect((await patch(alice, { mutedUntil: '0001-01-01T00:00:00Z' })).body.mutedUntil).toBe(
    '0001-01-01T00:00:00.000Z',
  )
})

test('after concurrent changes on two nodes, the last event has the final state', async () => {
  await Promise.all(
    Array.from({ length: 20 }, (_, i) => patch(alice, { draft: `draft ${i}` }, messages.nodes[i % 2])),
  )
  const { me } = await alice.chat(chat.id)
  await eventually(async () => {
    const events = await told(alice)
    expect(events).toHaveLength(20)
    expect(events.at(-1)).toEqual({ conversationId: chat.id, me })
  })
})

const minute = 60_000

test('of two drafts the one typed last wins, in any order of arrival', async () => {
  await patch(alice, { draft: 'the long one', draftAgeMs: minute, draftDevice: 'laptop' })
  const { body: kept } = await patch(alice, { draft: 'short', draftAgeMs: 2 * minute, draftDevice: 'phone' })
  expect(kept).toMatchObject({ draft: 'the long one' })
  expect(Date.now() - Date.parse(kept.draftAt ?? '')).toBeGreaterThan(minute - 5000)
  // The other changes of the same request are stored.
  const both = { draft: 'short', draftAgeMs: 2 * minute, draftDevice: 'phone', pinned: true }
  expect((await patch(alice, both)).body).toMatchObject({ draft: 'the long one', pinned: true })
  const { body: newer } = await patch(alice, { draft: 'newer', draftAgeMs: 1000, draftDevice: 'phone' })
  expect(newer).toMatchObject({ draft: 'newer' })
  await eventually(async () => expect((await told(alice)).at(-1)).toMatchObject({ me: newer }))
  expect(await told(alice)).toHaveLength(3)
})

test('a deleted draft has a time too: no older draft comes back, no newer one is lost', async () => {
  const sent = { draft: null, draftAgeMs: minute, draftDevice: 'laptop' }
  await patch(alice, sent)
  const older = { draft: 'sent already', draftAgeMs: 2 * minute, draftDevice: 'phone' }
  expect((await patch(alice, older)).body.draft).toBeNull()
  await patch(alice, { draft: 'typed since', draftAgeMs: minute / 2, draftDevice: 'phone' })
  expect((await patch(alice, { ...sent, draft: '' })).body.draft).toBe('typed since')
})

test('a slow request does not make an older draft of the same device win', async () => {
  await patch(alice, { draft: 'brea', draftAgeMs: 1500, draftDevice: 'phone' })
  const { body: first } = await patch(alice, { draft: 'bread', draftAgeMs: 5000, draftDevice: 'phone' })
  expect(first.draft).toBe('bread')
  const { body: second } = await patch(alice, { draft: 'bread!', draftAgeMs: 4000, draftDevice: 'phone' })
  expect(second.draft).toBe('bread!')
  expect(Date.parse(second.draftAt ?? '')).toBeGreaterThan(Date.parse(first.draftAt ?? ''))
})

test('a draft without an age counts as typed now, and impossible ages are clamped', async () => {
  await patch(alice, { draft: 'with an age', draftAgeMs: 1, draftDevice: 'phone' })
  expect((await patch(alice, { draft: 'without' })).body.draft).toBe('without')
  for (const draftAgeMs of [-1e9, -0.4, null, 'old', Number.NaN, true]) {
    const draft = `age ${draftAgeMs}`
    const body = { draft, draftAgeMs: draftAgeMs as number, draftDevice: 'phone' }
    expect((await patch(alice, body)).body).toMatchObject({ draft })
  }
  const { body } = await patch(alice, { draft: 'ancient', draftAgeMs: 1e300, draftDevice: 'laptop' })
  expect(body.draft).not.toBe('ancient')
  expect(Date.now() - Date.parse(body.draftAt ?? '')).toBeLessThan(minute)
  expect((await patch(alice, { draft: 'x', draftDevice: 'd'.repeat(65) })).status).toBe(400)
})

test('a draft written by a node of the previous version has the time of its write', async () => {
  await patch(alice, { draft: 'first', draftAgeMs: 10 * minute, draftDevice: 'phone' })
  await messages.node.ctx.pool.query(
    `UPDATE participants SET draft = 'by the old node', me_at = now() WHERE conversation_id = $1 AND user_id = $2`,
    [chat.id, alice.id],
  )
  const older = { draft: 'typed before', draftAgeMs: minute, draftDevice: 'phone' }
  expect((await patch(alice, older)).body.draft).toBe('by the old node')
})

test('the draft typed last wins in any order, from any device, through any node', async () => {
  const typing = fc.record({
    text: fc.option(fc.constantFrom('a', 'b', 'c')),
    device: fc.constantFrom('phone', 'laptop', 'tablet'),
    place: fc.nat(1_000_000),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(typing, { minLength: 2, maxLength: 6 }), async (drafts) => {
      const { id } = await messages.group(alice, [])
      const typedAt = performance.now() - 1000
      const arriving = drafts
        .map((draft, i) => ({ ...draft, typedAt: typedAt - (drafts.length - i) * 20_000 }))
        .toSorted((one, other) => one.place - other.place)
      const send = ({ text, device, typedAt: at }: (typeof arriving)[number], i: number) =>
        alice.call(
          `PATCH /v1/conversations/${id}/me`,
          { draft: text, draftAgeMs: performance.now() - at, draftDevice: device },
          messages.nodes[i % 2],
        )
      await Promise.all(arriving.slice(0, 2).map(send))
      for (const [i, draft] of arriving.slice(2).entries()) await send(draft, i)
      const { me } = await alice.chat(id)
      expect(me.draft).toBe(drafts.at(-1)?.text)
    }),
    { numRuns: 25 },
  )
})
