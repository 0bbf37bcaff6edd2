import { afterAll, beforeAll, expect, test } from 'vitest'
import { block } from './fixture/block.ts'
import { makeReachable } from './fixture/make-reachable.ts'
import { all, byUser, createPushGroup, listRecipients, updateMe } from './fixture/push-group.ts'
import { type Person, startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'

let messages: TestMessages
beforeAll(async () => {
  messages = await startTestMessages()
})
afterAll(() => messages[Symbol.asyncDispose]())

const list = (...conversations: Parameters<typeof listRecipients>[1][]) =>
  listRecipients(messages, ...conversations)
const createGroup = (options?: { members?: number }) => createPushGroup(messages, options)

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

test('a message notifies all other participants with a device', async () => {
  const [ann, ben, cyd] = (await messages.joinAll(3)) as [Person, Person, Person]
  await makeReachable(messages, ann, ben)
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

test('nobody is notified of their own, system, or read messages', async () => {
  const { ann, others, group } = await createGroup()
  const [ben, cyd, dan] = others
  await ann.say(group.id, 'one')
  const two = await ben.say(group.id, 'two')
  await ben.call(`POST /v1/conversations/${group.id}/read`, { seq: two.seq })
  await cyd.call(`POST /v1/conversations/${group.id}/read`, { seq: two.seq - 1 })
  await updateMe(ann, group.id, { archived: true })
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

test('a muted conversation notifies again when the time is over', async () => {
  const { ann, others, group } = await createGroup()
  const [ben, cyd, dan] = others
  await updateMe(ben, group.id, { mutedUntil: '2999-01-01T00:00:00.000Z' })
  await updateMe(cyd, group.id, { mutedUntil: '2001-01-01T00:00:00.000Z' })
  await updateMe(dan, group.id, { notify: 'none' })
  await ann.say(group.id, `@all @${ben.user.username}`)
  const [item] = await list(all(group.id))
  expect(item?.recipients.map(({ userId }) => userId)).toEqual([cyd.id])
})

test('with mentions only, a username and @all notify', async () => {
  const { ann, group } = await createGroup()
  const bea = await messages.join('Bea')
  await makeReachable(messages, bea)
  await ann.call(`POST /v1/conversations/${group.id}/participants`, { userIds: [bea.id] })
  await updateMe(bea, group.id, { notify: 'mentions' })
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

test('removed members are not notified, nor later ones of earlier messages', async () => {
  const { ann, others, group } = await createGroup()
  const [ben, cyd] = others
  await ann.say(group.id, 'before')
  const late = await messages.join()
  await makeReachable(messages, late)
  await ann.call(`DELETE /v1/conversations/${group.id}/participants/${ben.id}`)
  await ann.call(`POST /v1/conversations/${group.id}/participants`, { userIds: [late.id] })
  const after = await ann.say(group.id, 'after')
  const [item] = await list(all(group.id))
  const called = byUser(item?.recipients ?? [])
  expect(called.has(ben.id)).toBe(false)
  expect(called.get(cyd.id)).toMatchObject({ count: 2 })
  expect(called.get(late.id)).toMatchObject({ count: 1, firstSeq: after.seq })
})

test('a blocked sender does not notify the blocker; the other way round does', async () => {
  const { ann, others, group } = await createGroup()
  const [ben] = others
  await block(messages, ben, { other: ann })
  await ann.say(group.id, 'from Ann')
  const own = await ben.say(group.id, 'from Ben')
  const [item] = await list(all(group.id))
  const called = byUser(item?.recipients ?? [])
  expect(called.has(ben.id)).toBe(false)
  expect(called.get(ann.id)).toMatchObject({ count: 1, firstSeq: own.seq })
})

test('a deleted message notifies nobody, an edited one has its present text', async () => {
  const [ann, ben] = (await messages.joinAll(2)) as [Person, Person]
  await makeReachable(messages, ben)
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
