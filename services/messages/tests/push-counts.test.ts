import { afterAll, beforeAll, expect, test } from 'vitest'
import { block } from './fixture/block.ts'
import {
  addMentionOnlyMembers,
  all,
  byUser,
  createPushGroup,
  listRecipients,
  sendMany,
  updateMe,
} from './fixture/push-group.ts'
import { startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'

let messages: TestMessages
beforeAll(async () => {
  messages = await startTestMessages()
})
afterAll(() => messages[Symbol.asyncDispose]())

const list = (...conversations: Parameters<typeof listRecipients>[1][]) =>
  listRecipients(messages, ...conversations)
const createGroup = (options?: { members?: number }) => createPushGroup(messages, options)

test('a notification has the last message of each recipient, cut if it is long', async () => {
  const { ann, others, group } = await createGroup()
  const [ben] = others
  await addMentionOnlyMembers(messages, { ann, others, group }, 'Cleo')
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

test('of many messages with different recipients the last twenty are shown, and everybody is notified', async () => {
  const made = await createGroup({ members: 1 })
  const { ann, group } = made
  const names = Array.from({ length: 25 }, (_, i) => `guest${i}`)
  const guests = await addMentionOnlyMembers(messages, made, ...names)
  const texts = names.map((name) => `@${name}`)
  await sendMany(ann, group.id, texts)
  const [item] = await list(all(group.id))
  const called = byUser(item?.recipients ?? [])
  expect(guests.every(({ id }) => called.get(id)?.count === 1)).toBe(true)
  expect(item?.messages.map(({ text }) => text)).toEqual(texts.slice(-20))
})

test('however many messages there are, each calls those that it is for, and they are counted', async () => {
  const made = await createGroup({ members: 2 })
  const { ann, others, group } = made
  const [ben, dan] = others
  const [dora] = await addMentionOnlyMembers(messages, made, 'Dora')
  await block(messages, dan, { other: ann })
  const { seq: first } = await ann.say(group.id, 'hello @dora')
  await ben.say(group.id, 'between')
  await sendMany(
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

test('many conversations at once, one twice, one unknown', async () => {
  const { ann, group } = await createGroup()
  const other = await createGroup({ members: 1 })
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

test('badges count unread messages of conversations neither muted nor archived', async () => {
  const { ann, others, group } = await createGroup()
  const [ben, cyd] = others
  const chat = await messages.direct(ann, ben)
  const quiet = await messages.group(ann, [ben])
  const away = await messages.group(ann, [ben])
  for (const { id } of [group, chat, chat, quiet, away]) await ann.say(id, 'x')
  await ben.say(group.id, 'mine')
  // Tells that nobody wrote: a name, and who came.
  await ann.call(`PATCH /v1/conversations/${group.id}`, { title: 'Renamed' })
  await updateMe(ben, quiet.id, { mutedUntil: '2999-01-01T00:00:00.000Z' })
  await updateMe(ben, away.id, { archived: true })
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
