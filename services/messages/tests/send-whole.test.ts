import { newId, type Problem, type SendResult } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { block } from './fixture/block.ts'
import { sendMessage } from './fixture/message-calls.ts'
import { putAttachment } from './fixture/put-attachment.ts'
import { type Person, startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'

let messages: TestMessages
let alice: Person
let bob: Person
let group: string
beforeAll(async () => {
  messages = await startTestMessages()
  ;[alice, bob] = [await messages.join('Alice'), await messages.join('Bob')]
})
afterAll(() => messages[Symbol.asyncDispose]())

const newGroup = async (...members: Person[]) => {
  group = (await messages.group(alice, members)).id
}
const send = (person: Person, body: object, conversationId = group) =>
  sendMessage(person, conversationId, body)
const pathsOf = ({ body }: { body: Problem }) => body.errors?.map(({ path }) => path)
const row = (id: string) => messages.node.ctx.prisma.message.findUniqueOrThrow({ where: { id } })
const uses = (messageId: string) => messages.node.ctx.prisma.attachmentUse.findMany({ where: { messageId } })

test('a message knows whether it has a link', async () => {
  await newGroup()
  const hasLink = async (text: string) => (await row((await send(alice, { text })).body.id)).hasLink
  expect(await hasLink('see https://example.com/x.')).toBe(true)
  expect(await hasLink('example.com')).toBe(true)
  expect(await hasLink('me@example.com or file.txt')).toBe(false)
})

test('a message carries uploads of its sender, in their order, with or without words', async () => {
  await newGroup(bob)
  const [one, two] = [
    await putAttachment(messages, alice),
    await putAttachment(messages, alice, { kind: 'file' }),
  ]
  const { status, body } = await send(alice, { attachmentIds: [two.id.toUpperCase(), one.id] })
  expect(status).toBe(201)
  expect(body).toMatchObject({ text: null, attachments: [two, one] })
  expect((await bob.call(`GET /v1/messages/${body.id}`)).body).toEqual(body)
  const place = { messageId: body.id, conversationId: group, seq: body.seq }
  expect(await uses(body.id)).toEqual(
    expect.arrayContaining([
      { attachmentId: one.id, ...place },
      { attachmentId: two.id, ...place },
    ]),
  )
  const answer = await bob.say(group, 'Nice', { replyToId: body.id })
  expect(answer.replyTo?.excerpt).toBe('📎 sea.jpg +1')
})

test('uploads that are not there, not one’s own, or named twice are refused one by one', async () => {
  await newGroup(bob)
  const [own, other] = [await putAttachment(messages, alice), await putAttachment(messages, bob)]
  const refused = await send(alice, { text: 'x', attachmentIds: [own.id, other.id, newId(), own.id] })
  expect(refused).toMatchObject({ status: 400, body: { code: 'validation_failed' } })
  expect(pathsOf(refused)).toEqual([1, 2, 3].map((i) => `body.attachmentIds.${i}`))
  const many = await send(alice, { attachmentIds: Array.from({ length: 11 }, newId) })
  expect(many.status).toBe(400)
  expect(pathsOf(await send(alice, { attachmentIds: [] }))).toEqual(['body.text'])
  expect(await alice.chat(group)).toMatchObject({ lastSeq: 0 })
})

test('a retry gets the stored message as it is now, even if what it refers to is gone', async () => {
  await newGroup(bob)
  const question = await bob.say(group, 'What?')
  const attachment = await putAttachment(messages, alice)
  const body = { id: newId(), replyToId: question.id, attachmentIds: [attachment.id] }
  expect((await send(alice, body)).status).toBe(201)
  await bob.call(`DELETE /v1/messages/${question.id}`)
  await alice.call(`DELETE /v1/messages/${body.id}`)
  expect(await messages.node.ctx.prisma.attachment.count({ where: { id: attachment.id } })).toBe(0)

  const again = await send(alice, body)
  expect(again).toMatchObject({
    status: 200,
    body: { id: body.id, deletedAt: expect.any(String), attachments: [] },
  })
})

test('an upload that goes at the last moment refuses its message alone', async () => {
  await newGroup()
  const attachment = await putAttachment(messages, alice)
  const { pool, prisma } = messages.node.ctx
  const holder = await pool.connect()
  await holder.query('BEGIN')
  await holder.query('DELETE FROM attachments WHERE id = $1', [attachment.id])
  const queue = [{ text: 'before' }, { attachmentIds: [attachment.id] }, { text: 'after' }]
  const sent = alice.call<{ items: SendResult[] }>('POST /v1/messages', {
    messages: queue.map((message) => ({ ...message, id: newId(), conversationId: group })),
  })
  await eventually(async () => expect(await waiting()).toBe(1))
  await holder.query('COMMIT')
  holder.release()

  const { body } = await sent
  expect(body.items.map(({ status }) => status)).toEqual([201, 400, 201])
  expect(body.items[1]?.error?.errors?.[0]?.path).toMatch(/^body\.messages\.1\.attachmentIds/)
  expect(await alice.chat(group)).toMatchObject({ lastSeq: 2, version: 3 })
  expect(await prisma.attachmentUse.count({ where: { attachmentId: attachment.id } })).toBe(0)
})

const waiting = async () => {
  const { rows } = await messages.node.ctx.pool.query<{ count: number }>(
    "SELECT count(*)::int AS count FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()",
  )
  return rows[0]?.count ?? 0
}

test('an answer that was on its way while its question was deleted comes without its words', async () => {
  await newGroup(bob)
  const question = await bob.say(group, 'secret')
  const holder = await messages.node.ctx.pool.connect()
  await holder.query('BEGIN')
  await holder.query('SELECT FROM conversations WHERE id = $1 FOR UPDATE', [group])
  const sent = send(alice, { text: 'answer', replyToId: question.id })
  await eventually(async () => expect(await waiting()).toBe(1))
  await holder.query(
    "UPDATE messages SET text = NULL, deleted_at = now(), text_versions = '{}' WHERE id = $1",
    [question.id],
  )
  await holder.query('COMMIT')
  holder.release()

  const replyTo = { id: question.id, seq: question.seq, senderId: bob.id, excerpt: '' }
  expect(await sent).toMatchObject({ status: 201, body: { text: 'answer', replyTo } })
  expect(await send(alice, { text: 'a later one', replyToId: question.id })).toMatchObject({
    status: 201,
    body: { replyTo },
  })
})

test('after a block nothing is sent between the two, and earlier messages stay', async () => {
  const direct = (await messages.direct(alice, bob)).id
  const stored = { id: newId(), text: 'before' }
  await send(alice, stored, direct)
  await newGroup(bob)
  await block(messages, bob, { other: alice })
  for (const person of [alice, bob]) {
    const refused = await send(person, { text: 'x' }, direct)
    expect(refused).toMatchObject({ status: 403, body: { code: 'forbidden' } })
  }
  expect((await send(alice, stored, direct)).status).toBe(200)
  const { body } = await alice.call<{ items: SendResult[] }>('POST /v1/messages', {
    messages: [{ id: newId(), conversationId: direct, text: 'x' }],
  })
  expect(body.items).toMatchObject([{ status: 403, error: { code: 'forbidden' } }])
  expect((await send(alice, { text: 'groups go on' })).status).toBe(201)

  await block(messages, bob, { other: alice, inForce: false })
  expect((await send(alice, { text: 'again' }, direct)).status).toBe(201)
  expect(await alice.chat(direct)).toMatchObject({ lastSeq: 2 })
})

test('realtime nodes send all of it, too', async () => {
  await newGroup(bob)
  const [question, picture] = [await bob.say(group, 'Where?'), await putAttachment(messages, alice)]
  const whole = {
    id: newId(),
    conversationId: group,
    senderId: alice.id,
    text: '@bob example.com',
    attachmentIds: [picture.id],
    replyToId: question.id,
    forwardOf: question.id,
  }
  const { body } = await messages.internal<{ results: SendResult[] }>('POST /internal/sends', {
    sends: [whole],
  })
  expect(body.results).toMatchObject([
    {
      status: 201,
      message: {
        text: whole.text,
        attachments: [picture],
        replyTo: { id: question.id },
        // With words and files of one's own it is no forward.
        forwardOf: null,
        mentions: [bob.id],
      },
    },
  ])
})

test('hostile texts are stored without invalid characters, or refused, and break nothing', async () => {
  await newGroup(bob)
  const kept = [
    '\u202Eexe.gpj @bob\u202C https://example.com/\u202Ecod.exe',
    '\u{1F468}\u200D\u{1F469}\u200D\u{1F467}'.repeat(1_000),
    '\u{20000}'.repeat(8_000),
    `@bob${'\u200B'.repeat(100)}`,
    '@'.repeat(8_000),
    'http://'.repeat(1_140),
    `${'a\u0301\u0302'.repeat(16)}`,
    '{"text":"\\u0000"}\\',
    "'); DROP TABLE messages; --",
    '$1 %s <script>alert(1)</script>',
  ]
  for (const text of kept) {
    const { status, body } = await send(alice, { text })
    expect([status, body.text]).toEqual([201, text.normalize('NFC')])
    expect((await bob.call(`GET /v1/messages/${body.id}`)).body).toEqual(body)
  }
  const cleaned = { 'a\0b': 'ab', '\uDC00': '\uFFFD', 'a\uD83D': 'a\uFFFD', '\u001B[31m': '[31m' }
  for (const [text, stored] of Object.entries(cleaned)) {
    const { status, body } = await send(alice, { text })
    expect([status, body.text]).toEqual([201, stored])
  }
  for (const text of [`a${'\u0300'.repeat(18)}`, '\u{1F600}'.repeat(8_001), '\u0007']) {
    expect((await send(alice, { text })).status).toBe(400)
  }
})
