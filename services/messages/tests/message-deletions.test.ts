import { newId } from '@finnigram/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  editMessage,
  eventsAfter,
  expectDenseEvents,
  readMessage,
  removeMessage,
  syncedSinceFirstEvent,
} from './fixture/message-calls.ts'
import { putAttachment } from './fixture/put-attachment.ts'
import { type Person, startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'

let messages: TestMessages
let alice: Person
let bob: Person
let carol: Person
let group: string
beforeAll(async () => {
  messages = await startTestMessages()
  alice = await messages.join('Alice')
  bob = await messages.join('Bob')
  carol = await messages.join('Carol')
})
afterAll(() => messages[Symbol.asyncDispose]())

const newGroup = async () => {
  group = (await messages.group(alice, [bob, carol])).id
}
const events = (person = alice, after = 0) => eventsAfter(person, group, after)
const told = (person = alice) => syncedSinceFirstEvent(person, group)
const expectDense = () => expectDenseEvents(alice, group)

test('a deleted message leaves a tombstone, and its text nowhere', async () => {
  await newGroup()
  const [picture, question] = [
    await putAttachment(messages, bob, { name: 'secret.jpg' }),
    await alice.say(group, 'Q'),
  ]
  const message = await bob.say(group, 'secret @alice', {
    attachmentIds: [picture.id],
    replyToId: question.id,
    forwardOf: question.id,
  })
  const answer = await carol.say(group, 'Really?', { replyToId: message.id })
  const second = await carol.say(group, 'And?', { replyToId: answer.id })
  await editMessage(bob, message, 'secret, edited @alice')
  await alice.call(`PUT /v1/messages/${message.id}/reactions/${encodeURIComponent('👍')}`)
  await carol.call(`PUT /v1/messages/${message.id}/pin`)
  await carol.call(`PUT /v1/messages/${message.id}/star`)
  const { version, me } = await alice.chat(group)
  expect(me.mentionCount).toBe(1)
  expect((await removeMessage(bob, message)).status).toBe(204)

  const told = (await events(alice, version)).find(({ type }) => type === 'message.deleted')
  expect(told).toMatchObject({ actorId: bob.id, data: { id: message.id, seq: message.seq } })
  expect(await readMessage(alice, message)).toEqual({
    ...message,
    version: told?.version,
    text: null,
    attachments: [],
    replyTo: null,
    forwardOf: null,
    mentions: [],
    reactions: [],
    editedAt: null,
    deletedAt: told?.at,
  })
  expect((await alice.chat(group)).me).toMatchObject({ mentionCount: 0, unreadCount: me.unreadCount - 1 })
  expect((await readMessage(alice, answer)).replyTo).toEqual({ ...answer.replyTo, excerpt: '' })
  expect(await readMessage(alice, second)).toEqual(second)
  await expectNothingLeft(message.id)
  await expectDense()
})

async function expectNothingLeft(messageId: string): Promise<void> {
  const { mention, pin, star, attachmentUse } = messages.node.ctx.prisma
  expect(await told()).not.toMatch(/secret|👍 /)
  expect(await mention.count({ where: { conversationId: group } })).toBe(0)
  const hanging = [
    await pin.count({ where: { messageId } }),
    await star.count({ where: { messageId } }),
    await attachmentUse.count({ where: { messageId } }),
  ]
  expect(hanging).toEqual([0, 0, 0])
  expect(await messages.node.ctx.prisma.attachment.count({ where: { name: 'secret.jpg' } })).toBe(0)
}

test('deleting again is idempotent and emits no event', async () => {
  await newGroup()
  const message = await bob.say(group, 'x')
  expect((await removeMessage(bob, message)).status).toBe(204)
  const { version } = await bob.chat(group)
  expect((await removeMessage(bob, message)).status).toBe(204)
  expect((await removeMessage(alice, message)).status).toBe(204)
  expect((await removeMessage(carol, message)).status).toBe(403)
  expect((await bob.chat(group)).version).toBe(version)
})

test('owners and admins delete messages of others in a group; members and direct peers cannot', async () => {
  await newGroup()
  await alice.call(`PATCH /v1/conversations/${group}/participants/${bob.id}`, { role: 'admin' })
  const [one, two] = [await carol.say(group, 'one'), await carol.say(group, 'two')]
  const own = await alice.say(group, 'of the owner')
  expect((await removeMessage(carol, own)).status).toBe(403)
  expect((await removeMessage(bob, one)).status).toBe(204)
  expect((await removeMessage(alice, two)).status).toBe(204)
  expect((await removeMessage(bob, own)).status).toBe(204)
  const direct = await messages.direct(alice, bob)
  const theirs = await bob.say(direct.id, 'x')
  expect((await removeMessage(alice, theirs)).status).toBe(403)
})

test('a message with a thousand replies is edited and deleted in bounded steps, without stale quotes', async () => {
  await newGroup()
  const message = await alice.say(group, 'secret')
  for (let i = 0; i < 11; i += 1) {
    const queue = Array.from({ length: 100 }, (_, n) => ({
      id: newId(),
      conversationId: group,
      text: `answer ${i * 100 + n}`,
      replyToId: message.id,
    }))
    expect((await bob.call('POST /v1/messages', { messages: queue })).status).toBe(200)
  }
  const excerpts = async () => {
    const { rows } = await messages.node.ctx.pool.query<{ excerpt: string; count: number }>(
      `SELECT reply_to->>'excerpt' AS excerpt, count(*)::int FROM messages
WHERE conversation_id = $1 AND reply_to IS NOT NULL GROUP BY 1 ORDER BY 1`,
      [group],
    )
    return rows
  }
  await editMessage(alice, message, 'public')
  expect(await excerpts()).toEqual([
    { excerpt: '', count: 1000 },
    { excerpt: 'public', count: 100 },
  ])
  const { version } = await alice.chat(group)
  await editMessage(alice, message, 'again')
  expect((await alice.chat(group)).version).toBe(version + 101)
  await removeMessage(alice, message)
  expect(await excerpts()).toEqual([{ excerpt: '', count: 1100 }])
  const { rows } = await messages.node.ctx.pool.query(
    "SELECT version FROM conversation_events WHERE conversation_id = $1 AND payload ~ 'secret|public|again'",
    [group],
  )
  expect(rows).toEqual([])
})
