import { type messagesApi, newId, type PushRecipient, type RouteReply } from '@finnigram/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { block } from './fixture/block.ts'
import { reach } from './fixture/reach.ts'
import { type Person, startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'

type List = RouteReply<typeof messagesApi.listPushRecipients>

let messages: TestMessages
beforeAll(async () => {
  messages = await startTestMessages()
})
afterAll(() => messages[Symbol.asyncDispose]())

const list = async (...conversations: { conversationId: string; fromSeq: number; toSeq: number }[]) =>
  (await messages.internal<List>('POST /internal/push/recipients', { conversations })).body.items
const all = (conversationId: string, fromSeq = 1, toSeq = 1000) => ({ conversationId, fromSeq, toSeq })
const byUser = (recipients: PushRecipient[]) =>
  new Map(recipients.map(({ userId, ...rest }) => [userId, rest]))
/** Ann with a group of hers; whoever is named in `reached` has a device. */
async function scene({ members = 3 } = {}) {
  const [ann, ...others] = await messages.joinAll(members + 1)
  if (!ann) throw new Error('Nobody came')
  await reach(messages, ann, ...others)
  const group = await messages.group(ann, others, 'Trip')
  return { ann, others: others as [Person, Person, Person], group }
}
const arrange = (person: Person, chatId: string, body: object) =>
  person.call(`PATCH /v1/conversations/${chatId}/me`, body)

test.each(['recipients', 'badges'])(
  'POST /internal/push/%s is for the other services alone',
  async (what) => {
    const { token } = await messages.join()
    for (const guess of ['', 'guessed', token]) {
      const headers = { 'x-internal-token': guess }
      const reply = await messages.call(`POST /internal/push/${what}`, { token, headers, body: {} })
      expect(reply).toMatchObject({ status: 401, body: { code: 'unauthenticated' } })
    }
  },
)

test('a message calls everyone else who takes part and can be reached', async () => {
  const [ann, ben, cyd] = (await messages.joinAll(3)) as [Person, Person, Person]
  await reach(messages, ann, ben)
  const group = await messages.group(ann, [ben, cyd], 'Trip')
  const said = await ann.say(group.id, 'Who drives?')
  const expected = {
    conversationId: group.id,
    kind: 'group',
    title: 'Trip',
    messages: [
      {
        id: said.id,
        seq: said.seq,
        senderId: ann.id,
        senderName: ann.user.displayName,
        text: 'Who drives?',
        attachments: [],
        at: said.createdAt,
      },
    ],
    recipients: [{ userId: ben.id, count: 1, firstSeq: said.seq, lastSeq: said.seq, mentioned: false }],
  }
  expect(await list(all(group.id))).toEqual([expected])
  expect(await list(all(group.id, said.seq, said.seq))).toEqual([expected])
  expect(await list(all(group.id, said.seq + 1))).toEqual([])
})

test('nobody is called by their own message, a notice of the group, or what they have read', async () => {
  const { ann, others, group } = await scene()
  const [ben, cyd, dan] = others
  await ann.say(group.id, 'one')
  const two = await ben.say(group.id, 'two')
  await ben.call(`POST /v1/conversations/${group.id}/read`, { seq: two.seq })
  await cyd.call(`POST /v1/conversations/${group.id}/read`, { seq: two.seq - 1 })
  await arrange(ann, group.id, { archived: true })
  await ann.call(`PATCH /v1/conversations/${group.id}`, { title: 'Journey' })
  const [item] = await list(all(group.id))
  const seqs = byUser(item?.recipients ?? [])
  const { seq } = two
  expect(seqs).toEqual(
    new Map([
      [ann.id, { count: 1, firstSeq: seq, lastSeq: seq, mentioned: false }],
      [cyd.id, { count: 1, firstSeq: seq, lastSeq: seq, mentioned: false }],
      [dan.id, { count: 2, firstSeq: seq - 1, lastSeq: seq, mentioned: false }],
    ]),
  )
})

test('who has muted the conversation is not called, until the time has come', async () => {
  const { ann, others, group } = await scene()
  const [ben, cyd, dan] = others
  await arrange(ben, group.id, { mutedUntil: '2999-01-01T00:00:00.000Z' })
  await arrange(cyd, group.id, { mutedUntil: '2001-01-01T00:00:00.000Z' })
  await arrange(dan, group.id, { notify: 'none' })
  await ann.say(group.id, `@all @${ben.user.username}`)
  const [item] = await list(all(group.id))
  expect(item?.recipients.map(({ userId }) => userId)).toEqual([cyd.id])
})

test('who wants mentions only is called by their name and by @all', async () => {
  const { ann, group } = await scene()
  const bea = await messages.join('Bea')
  await reach(messages, bea)
  await ann.call(`POST /v1/conversations/${group.id}/participants`, { userIds: [bea.id] })
  await arrange(bea, group.id, { notify: 'mentions' })
  await ann.say(group.id, 'hello')
  expect((await list(all(group.id)))[0]?.recipients.map(({ userId }) => userId)).not.toContain(bea.id)
  const named = await ann.say(group.id, 'hello @bea')
  await ann.say(group.id, 'good')
  const everyone = await ann.say(group.id, 'hello @all')
  const [item] = await list(all(group.id))
  expect(byUser(item?.recipients ?? []).get(bea.id)).toEqual({
    count: 2,
    firstSeq: named.seq,
    lastSeq: everyone.seq,
    mentioned: true,
  })
})

test('who was removed is not called, and who came later not by what was said before', async () => {
  const { ann, others, group } = await scene()
  const [ben, cyd] = others
  await ann.say(group.id, 'before')
  const late = await messages.join()
  await reach(messages, late)
  await ann.call(`DELETE /v1/conversations/${group.id}/participants/${ben.id}`)
  await ann.call(`POST /v1/conversations/${group.id}/participants`, { userIds: [late.id] })
  const after = await ann.say(group.id, 'after')
  const [item] = await list(all(group.id))
  const called = byUser(item?.recipients ?? [])
  expect(called.has(ben.id)).toBe(false)
  expect(called.get(cyd.id)).toMatchObject({ count: 2 })
  expect(called.get(late.id)).toMatchObject({ count: 1, firstSeq: after.seq })
})

test('nobody is called by somebody they blocked; the other way round they are', async () => {
  const { ann, others, group } = await scene()
  const [ben] = others
  await block(messages, ben, { other: ann })
  await ann.say(group.id, 'from Ann')
  const own = await ben.say(group.id, 'from Ben')
  const [item] = await list(all(group.id))
  const called = byUser(item?.recipients ?? [])
  expect(called.has(ben.id)).toBe(false)
  expect(called.get(ann.id)).toMatchObject({ count: 1, firstSeq: own.seq })
})

test('what was deleted calls nobody, and what was edited says what it says now', async () => {
  const [ann, ben] = (await messages.joinAll(2)) as [Person, Person]
  await reach(messages, ben)
  const chat = await messages.direct(ann, ben)
  const gone = await ann.say(chat.id, 'a secret')
  await ann.call(`DELETE /v1/messages/${gone.id}`)
  expect(await list(all(chat.id))).toEqual([])
  const wrong = await ann.say(chat.id, 'teh')
  await ann.call(`PATCH /v1/messages/${wrong.id}`, { text: 'the' })
  expect(await list(all(chat.id))).toMatchObject([
    { kind: 'direct', title: null, messages: [{ text: 'the' }], recipients: [{ userId: ben.id, count: 1 }] },
  ])
})

/** People who can be mentioned join a group of Ann's, and want to be notified of that alone. */
async function letIn({ ann, group }: Awaited<ReturnType<typeof scene>>, ...names: string[]) {
  const people = await Promise.all(names.map((name) => messages.join(name)))
  await reach(messages, ...people)
  const userIds = people.map(({ id }) => id)
  await ann.call(`POST /v1/conversations/${group.id}/participants`, { userIds })
  for (const person of people) await arrange(person, group.id, { notify: 'mentions' })
  return people as [Person]
}

/** Says many things, a hundred in one call. */
async function sayMany({ call }: Person, conversationId: string, texts: string[]) {
  for (let i = 0; i < texts.length; i += 100) {
    const sends = texts.slice(i, i + 100).map((text) => ({ conversationId, id: newId(), text }))
    const { body } = await call<{ items: { status: number }[] }>('POST /v1/messages', { messages: sends })
    expect(body.items.every(({ status }) => status === 201)).toBe(true)
  }
}

test('the last message of each recipient is told, of a long one its beginning', async () => {
  const { ann, others, group } = await scene()
  const [ben] = others
  await letIn({ ann, others, group }, 'Cleo')
  await ann.say(group.id, 'one')
  const named = await ann.say(group.id, '@cleo')
  await ann.say(group.id, 'two')
  const own = await ben.say(group.id, `a${'👍'.repeat(200)}`)
  const [item] = await list(all(group.id))
  expect(item?.messages.map(({ seq, text }) => [seq, text])).toEqual([
    [named.seq, '@cleo'],
    [own.seq - 1, 'two'],
    [own.seq, `a${'👍'.repeat(149)}`],
  ])
})

test('of many that each call somebody else the last twenty are told, and everybody is called', async () => {
  const made = await scene({ members: 1 })
  const { ann, group } = made
  const names = Array.from({ length: 25 }, (_, i) => `guest${i}`)
  const guests = await letIn(made, ...names)
  const texts = names.map((name) => `@${name}`)
  await sayMany(ann, group.id, texts)
  const [item] = await list(all(group.id))
  const called = byUser(item?.recipients ?? [])
  expect(guests.every(({ id }) => called.get(id)?.count === 1)).toBe(true)
  expect(item?.messages.map(({ text }) => text)).toEqual(texts.slice(-20))
})

test('however many messages there are, each calls those that it is for, and they are counted', async () => {
  const made = await scene({ members: 2 })
  const { ann, others, group } = made
  const [ben, dan] = others
  const [dora] = await letIn(made, 'Dora')
  await block(messages, dan, { other: ann })
  const { seq: first } = await ann.say(group.id, 'hello @dora')
  await ben.say(group.id, 'between')
  await sayMany(
    ann,
    group.id,
    Array.from({ length: 1100 }, (_, i) => `#${i}`),
  )
  const [item] = await list(all(group.id, 1, 1_000_000))
  const last = first + 1101
  expect(byUser(item?.recipients ?? [])).toEqual(
    new Map([
      [ann.id, { count: 1, firstSeq: first + 1, lastSeq: first + 1, mentioned: false }],
      [ben.id, { count: 1101, firstSeq: first, lastSeq: last, mentioned: false }],
      [dora.id, { count: 1, firstSeq: first, lastSeq: first, mentioned: true }],
      [dan.id, { count: 1, firstSeq: first + 1, lastSeq: first + 1, mentioned: false }],
    ]),
  )
  expect(item?.messages.map(({ seq }) => seq)).toEqual([first, first + 1, last])
  const [part] = await list(all(group.id, first + 2, first + 501))
  expect(byUser(part?.recipients ?? [])).toEqual(
    new Map([[ben.id, { count: 500, firstSeq: first + 2, lastSeq: first + 501, mentioned: false }]]),
  )
})

test('many conversations are asked for at once, one twice, one that nobody knows', async () => {
  const { ann, group } = await scene()
  const other = await scene({ members: 1 })
  const first = await ann.say(group.id, 'one')
  const second = await ann.say(group.id, 'two')
  await other.ann.say(other.group.id, 'hi')
  const items = await list(
    all(group.id, first.seq, first.seq),
    all(other.group.id),
    all(group.id, second.seq, second.seq),
    all(ann.id),
  )
  expect(items.map(({ conversationId }) => conversationId).sort()).toEqual([group.id, other.group.id].sort())
  const [item] = items.filter(({ conversationId }) => conversationId === group.id)
  expect(item?.recipients.map(({ count }) => count)).toEqual([2, 2, 2])
})

test('badges count what is unread where it is neither muted nor archived', async () => {
  const { ann, others, group } = await scene()
  const [ben, cyd] = others
  const chat = await messages.direct(ann, ben)
  const quiet = await messages.group(ann, [ben])
  const away = await messages.group(ann, [ben])
  for (const { id } of [group, chat, chat, quiet, away]) await ann.say(id, 'x')
  await ben.say(group.id, 'mine')
  await arrange(ben, quiet.id, { mutedUntil: '2999-01-01T00:00:00.000Z' })
  await arrange(ben, away.id, { archived: true })
  const badges = async () => {
    const body = { userIds: [ben.id, cyd.id, ann.id, group.id, ben.id] }
    const reply = await messages.internal<{ items: { userId: string; unread: number }[] }>(
      'POST /internal/push/badges',
      body,
    )
    return new Map(reply.body.items.map(({ userId, unread }) => [userId, unread]))
  }
  expect(await badges()).toEqual(
    new Map([
      [ben.id, 3],
      [cyd.id, 2],
      [ann.id, 1],
      [group.id, 0],
    ]),
  )
  await ben.call(`POST /v1/conversations/${chat.id}/read`, { seq: 2 })
  expect((await badges()).get(ben.id)).toBe(1)
})

test.each([
  ['recipients', { conversations: [] }],
  ['recipients', { conversations: [{ conversationId: 'x', fromSeq: 0, toSeq: 1 }] }],
  ['badges', { userIds: [] }],
])('POST /internal/push/%s refuses %o', async (path, body) => {
  expect(await messages.internal(`POST /internal/push/${path}`, body)).toMatchObject({
    status: 400,
    body: { code: 'validation_failed' },
  })
})
