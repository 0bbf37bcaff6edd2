import { type Message, newId, type Problem, type SendResult } from '@finnigram/contracts'
import { eventually } from '@finnigram/service-kit/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { block } from './fixture/block.ts'
import { putAttachment } from './fixture/put-attachment.ts'
import { type Person, startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'

let messages: TestMessages
let alice: Person
let bob: Person
let carol: Person
let group: string
beforeAll(async () => {
  messages = await startTestMessages()
  ;[alice, bob, carol] = [
    await messages.join('Alice'),
    await messages.join('Bob'),
    await messages.join('Carol'),
  ]
})
afterAll(() => messages[Symbol.asyncDispose]())

const newGroup = async (...members: Person[]) => {
  group = (await messages.group(alice, members)).id
}
const send = (person: Person, body: object, conversationId = group) =>
  person.call<Message & Problem>(`POST /v1/conversations/${conversationId}/messages`, {
    id: newId(),
    ...body,
  })
const pathsOf = ({ body }: { body: Problem }) => body.errors?.map(({ path }) => path)
const row = (id: string) => messages.node.ctx.prisma.message.findUniqueOrThrow({ where: { id } })
const uses = (messageId: string) => messages.node.ctx.prisma.attachmentUse.findMany({ where: { messageId } })

test('people who take part are named by their username, others are plain text', async () => {
  await newGroup(bob)
  const { body } = await send(alice, { text: 'hey @BOB, @carol, @nobody_here and @bob: a@bob.com' })
  expect(body).toMatchObject({ mentions: [bob.id], mentionsAll: false })
  const mentions = await messages.node.ctx.prisma.mention.findMany({ where: { conversationId: group } })
  expect(mentions).toEqual([{ conversationId: group, userId: bob.id, seq: body.seq, senderId: alice.id }])
  expect((await bob.chat(group)).me).toMatchObject({ unreadCount: 1, mentionCount: 1 })
  expect((await alice.chat(group)).me).toMatchObject({ unreadCount: 0, mentionCount: 0 })
})

test('naming oneself is shown and counts for nobody', async () => {
  await newGroup(bob)
  expect((await send(bob, { text: 'I am @bob' })).body.mentions).toEqual([bob.id])
  expect((await bob.chat(group)).me.mentionCount).toBe(0)
  expect(await messages.node.ctx.prisma.mention.count({ where: { conversationId: group } })).toBe(0)
})

test('@all by an owner or admin of a group names everyone; by others, and between two, it is plain text', async () => {
  await newGroup(bob, carol)
  expect((await send(alice, { text: '@all and @bob' })).body).toMatchObject({
    mentions: [bob.id],
    mentionsAll: true,
  })
  expect((await send(bob, { text: '@all' })).body.mentionsAll).toBe(false)
  await alice.call(`PATCH /v1/conversations/${group}/participants/${bob.id}`, { role: 'admin' })
  expect((await send(bob, { text: '(@ALL)' })).body.mentionsAll).toBe(true)
  const direct = await messages.direct(alice, carol)
  expect((await send(alice, { text: '@all' }, direct.id)).body.mentionsAll).toBe(false)

  expect((await carol.chat(group)).me.mentionCount).toBe(2)
  expect((await bob.chat(group)).me.mentionCount).toBe(1)
  await carol.call(`POST /v1/conversations/${group}/read`, { seq: (await carol.chat(group)).lastSeq })
  expect((await carol.chat(group)).me.mentionCount).toBe(0)
})

test('at most a hundred people are named by one text', async () => {
  const crowd = await messages.joinAll(104)
  await newGroup(...crowd)
  for (const [i, { user }] of crowd.entries())
    await messages.desk.change({ ...user, username: `crowd_${i}` }, 2)
  await eventually(async () => {
    const named = { username: { startsWith: 'crowd_' } }
    expect(await messages.node.ctx.prisma.userReplica.count({ where: named })).toBe(104)
  })
  const text = crowd.map((_, i) => `@crowd_${i}`).join(' ')
  const { body } = await send(alice, { text })
  expect(body.mentions).toEqual(crowd.slice(0, 100).map(({ id }) => id))
})

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

test('a message that was stored is answered as it is now, also when what it referred to is gone', async () => {
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

test('an answer that was on its way while its question was deleted quotes nothing: it is refused', async () => {
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

  expect(await sent).toMatchObject({ status: 400, body: { errors: [{ path: 'body.replyToId' }] } })
  expect(await alice.chat(group)).toMatchObject({ lastSeq: 1, version: 2 })
})

test('a forwarded message is sent again with its words and files, and calls nobody', async () => {
  const elsewhere = await messages.group(bob, [alice])
  const picture = await putAttachment(messages, bob)
  const source = await bob.say(elsewhere.id, '@alice see https://example.com', {
    attachmentIds: [picture.id],
  })
  await newGroup(carol)
  const { status, body } = await send(alice, { forwardOf: source.id, attachmentIds: [] })

  expect(status).toBe(201)
  expect(body).toMatchObject({
    senderId: alice.id,
    text: source.text,
    attachments: [picture],
    forwardOf: source.id,
    mentions: [],
  })
  expect((await uses(body.id)).map(({ attachmentId }) => attachmentId)).toEqual([picture.id])
  expect((await row(body.id)).hasLink).toBe(true)
  const own = await send(alice, { forwardOf: source.id, text: 'look, @carol' })
  expect(own.body).toMatchObject({
    text: 'look, @carol',
    attachments: [],
    forwardOf: source.id,
    mentions: [carol.id],
  })
})

test('what one cannot see now cannot be forwarded', async () => {
  await newGroup(bob, carol)
  const early = await messages.group(alice, [])
  const hidden = await alice.say(early.id, 'before Bob')
  await alice.call(`POST /v1/conversations/${early.id}/participants`, { userIds: [bob.id] })
  const deleted = await alice.say(group, 'oops')
  await alice.call(`DELETE /v1/messages/${deleted.id}`)
  const { items } = (await alice.call<{ items: Message[] }>(`GET /v1/conversations/${early.id}/messages`))
    .body
  const notice = items.find(({ kind }) => kind === 'system')
  const left = await alice.say(group, 'Carol is here')
  await alice.call(`DELETE /v1/conversations/${group}/participants/${carol.id}`)
  const notes = await messages.direct(carol, carol)

  for (const forwardOf of [hidden.id, deleted.id, notice?.id, newId()]) {
    const refused = await send(bob, { forwardOf })
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ path: 'body.forwardOf' }] } })
  }
  expect((await send(carol, { forwardOf: left.id }, notes.id)).status).toBe(400)
})

test('a queue may forward what it sent just before, elsewhere too', async () => {
  await newGroup(bob)
  const notes = await messages.direct(alice, alice)
  for (let round = 0; round < 10; round += 1) {
    const [one, two] = [newId(), newId()]
    const { body } = await alice.call<{ items: SendResult[] }>('POST /v1/messages', {
      messages: [
        { id: one, conversationId: group, text: `round ${round}` },
        { id: two, conversationId: notes.id, forwardOf: one },
        { id: newId(), conversationId: group, forwardOf: two },
      ],
    })
    expect(body.items.map(({ status }) => status)).toEqual([201, 201, 201])
    expect(body.items[2]?.message?.text).toBe(`round ${round}`)
  }
})

test('messages that forward each other wait for nothing', async () => {
  await newGroup()
  const [one, two] = [newId(), newId()]
  const queue = [
    { id: one, conversationId: group, forwardOf: two },
    { id: two, conversationId: group, forwardOf: one },
    { id: one, conversationId: group, forwardOf: one, text: 'x' },
  ]
  const { body } = await alice.call<{ items: SendResult[] }>('POST /v1/messages', { messages: queue })
  expect(body.items.map(({ status }) => status)).toEqual([400, 400, 400])
})

test('where one blocked the other nothing is sent between the two, and what was sent stays', async () => {
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
        forwardOf: question.id,
        mentions: [bob.id],
      },
    },
  ])
})

test('hostile texts are stored as they are or refused, and never break anything', async () => {
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
  for (const text of [
    'a\0b',
    '\uDC00',
    '\uD83D',
    `a${'\u0300'.repeat(18)}`,
    '\u{1F600}'.repeat(8_001),
    '\u0007',
  ]) {
    expect((await send(alice, { text })).status).toBe(400)
  }
})
