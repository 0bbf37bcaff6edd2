import { type Conversation, type Message, newId } from '@finnigram/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { call } from './fixture/call.ts'
import { type Person, startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'

let messages: TestMessages
beforeAll(async () => {
  messages = await startTestMessages()
})
afterAll(() => messages[Symbol.asyncDispose]())

interface Page<T> {
  items: T[]
  nextAfter: string | null
}
const get = <T>(path: string) =>
  call<Page<T>>(messages.node.url, `GET ${path}`, {
    headers: { 'x-internal-token': String(messages.env['INTERNAL_TOKEN']) },
  })
/** Everything of a person, page by page. */
async function exported<T extends { id: string }>(person: Person, what: 'conversations' | 'messages') {
  const items: T[] = []
  for (let after: string | null = ''; after !== null; ) {
    const path: string = `/internal/people/${person.id}/${what}${after === '' ? '' : `?after=${after}`}`
    const page = await get<T>(path)
    expect(page.status).toBe(200)
    items.push(...page.body.items)
    after = page.body.nextAfter
  }
  return items
}

test.each(['conversations', 'messages', 'stars', 'reactions', 'attachments'])(
  'the export of %s is for services only',
  async (what) => {
    const alice = await messages.join('Alice')
    expect(await alice.call(`GET /internal/people/${alice.id}/${what}`)).toMatchObject({ status: 401 })
    expect((await get(`/internal/people/x/${what}`)).status).toBe(400)
    expect((await get(`/internal/people/${newId()}/${what}`)).body).toEqual({ items: [], nextAfter: null })
  },
)

test('somebody’s conversations are exported as they see them, all of them', async () => {
  const alice = await messages.join('Alice')
  const groups: Conversation[] = []
  for (let i = 0; i < 105; i += 1) groups.push(await messages.group(alice, [], `Group ${i}`))
  const left = groups[7]?.id
  await alice.call(`DELETE /v1/conversations/${left}/participants/${alice.id}`)
  const items = await exported<Conversation>(alice, 'conversations')
  expect(items.map(({ id }) => id)).toEqual(
    groups
      .map(({ id }) => id)
      .filter((id) => id !== left)
      .toSorted(),
  )
  expect(items[3]).toEqual(await alice.chat(items[3]?.id ?? ''))
})

test('an export has everything that the person wrote, and nothing of others', async () => {
  const [alice, bob] = await messages.joinAll(2)
  if (!alice || !bob) throw new Error('Nobody came')
  const chats = [
    await messages.direct(alice, bob),
    await messages.group(bob, [alice]),
    await messages.group(alice),
  ]
  const written: Message[] = []
  for (const chat of chats) {
    await bob.call(`POST /v1/conversations/${chat.id}/messages`, { id: newId(), text: 'of Bob' })
    for (let batch = 0; batch < 4; batch += 1) {
      const queue = Array.from({ length: 60 }, () => ({
        conversationId: chat.id,
        id: newId(),
        text: 'of Alice',
      }))
      const sent = await alice.call<{ items: { message: Message }[] }>('POST /v1/messages', {
        messages: queue,
      })
      written.push(...sent.body.items.map(({ message }) => message))
    }
  }
  await bob.call(`DELETE /v1/conversations/${chats[1]?.id}/participants/${alice.id}`)
  const items = await exported<Message>(alice, 'messages')
  expect(items).toHaveLength(720)
  const byId = (a: Message, b: Message) => (a.id < b.id ? -1 : 1)
  expect(items.toSorted(byId)).toEqual(written.toSorted(byId))
})

test('an export has the present reactions of the person, and nobody else’s', async () => {
  const [alice, bob] = await messages.joinAll(2)
  if (!alice || !bob) throw new Error('Nobody came')
  const chats = [await messages.direct(alice, bob), await messages.group(bob, [alice])]
  const said: Message[] = []
  for (const chat of chats) for (let n = 0; n < 3; n += 1) said.push(await bob.say(chat.id, `#${n}`))
  const react = async (person: Person, message: Message | undefined, emoji: string, method = 'PUT') => {
    const request = `${method} /v1/messages/${message?.id}/reactions/${encodeURIComponent(emoji)}`
    expect((await person.call(request)).status).toBe(204)
  }
  for (const message of said) await react(alice, message, '👍')
  for (const message of said) await react(bob, message, '🎉')
  await react(alice, said[0], '🎉')
  await react(alice, said[1], '👍', 'DELETE')
  await bob.call(`DELETE /v1/messages/${said[2]?.id}`)
  await bob.call(`DELETE /v1/conversations/${chats[1]?.id}/participants/${alice.id}`)

  const { body } = await get<Record<string, unknown>>(`/internal/people/${alice.id}/reactions`)
  const given = (message: Message | undefined, emoji: string) => ({
    messageId: message?.id,
    conversationId: message?.conversationId,
    seq: message?.seq,
    emoji,
  })
  expect(body.nextAfter).toBe(null)
  expect(body.items).toHaveLength(5)
  expect(body.items).toEqual(
    expect.arrayContaining([
      given(said[0], '👍'),
      given(said[0], '🎉'),
      ...said.slice(3).map((message) => given(message, '👍')),
    ]),
  )
})

test('reactions of many messages come page by page, also where the person gave none', async () => {
  const alice = await messages.join('Alice')
  const group = await messages.group(alice)
  await messages.node.ctx.pool.query(
    `INSERT INTO messages (id, conversation_id, seq, version, sender_id, text, created_at, reactions)
SELECT gen_random_uuid(), $1::uuid, n, n, $2::uuid, 'x', now(),
  jsonb_build_array(jsonb_build_object('emoji', '👍', 'userIds', jsonb_build_array(CASE WHEN n % 7 = 0 THEN $2::text ELSE $1::text END)))
FROM generate_series(1, 2100) n`,
    [group.id, alice.id],
  )
  const pages: { items: { seq: number }[]; nextAfter: string | null }[] = []
  for (let after: string | null = ''; after !== null; ) {
    const path: string = `/internal/people/${alice.id}/reactions${after === '' ? '' : `?after=${after}`}`
    const { body } = await get<{ seq: number }>(path)
    pages.push(body)
    after = body.nextAfter
  }
  expect(pages.length).toBeGreaterThan(2)
  const seqs = pages.flatMap(({ items }) => items.map(({ seq }) => seq))
  expect(seqs).toEqual(Array.from({ length: 300 }, (_, i) => (i + 1) * 7))
})
