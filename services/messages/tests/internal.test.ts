import { newId, type SendResult } from '@finnigram/contracts'
import { withTransaction } from '@finnigram/service-kit'
import { eventually } from '@finnigram/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readStreamed } from './fixture/read-streamed.ts'
import { startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'

let messages: TestMessages
beforeAll(async () => {
  messages = await startTestMessages()
})
afterAll(() => messages[Symbol.asyncDispose]())

test('one call carries sends of many people, each with its own outcome', async () => {
  const [alice, bob, stranger] = await messages.joinAll(3)
  if (!alice || !bob || !stranger) throw new Error('Nobody came')
  const { id: conversationId } = await messages.direct(alice, bob)
  const [first, second] = [newId(), newId()]
  const send = (senderId: string, id: string, more = {}) => ({
    senderId,
    conversationId,
    id,
    text: 'hi',
    ...more,
  })
  const { status, body } = await messages.internal<{ results: SendResult[] }>('POST /internal/sends', {
    sends: [
      send(alice.id, first, { requestId: 'from-a-socket' }),
      send(bob.id, second, { replyToId: first }),
      send(stranger.id, newId(), { requestId: 'of-a-stranger' }),
      send(alice.id, first),
      send(bob.id, first),
    ],
  })

  expect(status).toBe(200)
  expect(body.results.map((result) => result.status)).toEqual([201, 201, 404, 200, 409])
  expect(body.results[1]?.message?.replyTo).toMatchObject({ id: first, senderId: alice.id })
  expect(body.results[2]?.error).toMatchObject({ code: 'not_found', requestId: 'of-a-stranger' })
  expect(body.results[3]?.message).toEqual(body.results[0]?.message)
})

test('memberships list the conversations of each person, and since when', async () => {
  const [alice, bob, nobody] = await messages.joinAll(3)
  if (!alice || !bob || !nobody) throw new Error('Nobody came')
  const [one, two, three] = [
    await messages.group(alice, [bob]),
    await messages.group(alice),
    await messages.group(bob),
  ]
  await alice.say(two.id, 'x')
  await alice.call(`POST /v1/conversations/${two.id}/participants`, { userIds: [bob.id] })
  await alice.call(`DELETE /v1/conversations/${one.id}/participants/${bob.id}`)

  const { body } = await messages.internal<{ items: { userId: string; conversations: unknown[] }[] }>(
    'POST /internal/memberships',
    { userIds: [bob.id, nobody.id, alice.id] },
  )
  expect(body.items).toEqual([
    {
      userId: bob.id,
      conversations: expect.arrayContaining([
        { id: two.id, joinedVersion: 4 },
        { id: three.id, joinedVersion: 1 },
      ]),
    },
    { userId: nobody.id, conversations: [] },
    {
      userId: alice.id,
      conversations: expect.arrayContaining([
        { id: one.id, joinedVersion: 1 },
        { id: two.id, joinedVersion: 1 },
      ]),
    },
  ])
  expect(body.items[0]?.conversations).toHaveLength(2)
})

test('a partial reply keeps people in very many conversations from delaying others', async () => {
  const people = (await messages.joinAll(4)).map(({ id }) => id).toSorted()
  const [, many, , most] = people
  await withTransaction(messages.node.ctx.pool, async (tx) => {
    // Unknown conversations, too.
    await tx.query('SET LOCAL session_replication_role = replica')
    await tx.query(
      `INSERT INTO participants (conversation_id, user_id, role, joined_seq, joined_version)
SELECT gen_random_uuid(), user_id, 'member', 0, 1
FROM unnest($1::uuid[], $2::int[]) AS drawn (user_id, count), generate_series(1, count)`,
      [
        [many, most],
        [15_000, 20_001],
      ],
    )
  })
  type Items = { items: { userId: string; conversations: unknown[] }[] }
  const ask = async (userIds: string[], mayBePartial: boolean) => {
    const { body } = await messages.internal<Items>('POST /internal/memberships', { userIds, mayBePartial })
    return body.items.map(({ userId, conversations }) => [people.indexOf(userId), conversations.length])
  }
  expect(await ask(people.toReversed(), true)).toEqual([
    [2, 0],
    [1, 15_000],
    [0, 0],
  ])
  expect(await ask([String(most)], true)).toEqual([[3, 20_001]])
  expect(await ask(people, false)).toHaveLength(4)
  await messages.node.ctx.pool.query('DELETE FROM participants WHERE user_id = ANY($1::uuid[])', [people])
})

test('the stream carries all members of a large new group; the event shows the first hundred', async () => {
  const [alice, ...people] = await messages.joinAll(102)
  if (!alice) throw new Error('Nobody came')
  const small = await messages.group(alice, people.slice(0, 99))
  const large = await messages.group(alice, people)

  const [ofSmall, ofLarge] = await eventually(async () => {
    const found = await Promise.all([small, large].map(({ id }) => readStreamed(messages, id)))
    expect(found.map(({ length }) => length)).toEqual([1, 1])
    return found.flat()
  })
  expect(ofSmall).not.toHaveProperty('founders')
  const everyone = [alice, ...people].map(({ id }) => id)
  expect(ofLarge?.founders?.toSorted()).toEqual(everyone.toSorted())
  const { body } = await alice.call<{ items: unknown[] }>(`GET /v1/conversations/${large.id}/events`)
  const { founders: _, ...stored } = ofLarge ?? {}
  expect(body.items).toEqual([stored])
})
