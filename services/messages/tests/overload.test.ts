import { type Message, newId } from '@finnigram/contracts'
import { expect, test } from 'vitest'
import { startTestMessages } from './fixture/start-test-messages.ts'

test('past the bound of waiting sends, per person or in all, further ones get 503, and waiting ones are stored in order', async () => {
  await using messages = await startTestMessages()
  const people = await messages.joinAll(10)
  const [alice, ...others] = people
  if (!alice) throw new Error('Nobody came')
  const { id: conversationId } = await messages.group(alice, others)
  const { pool, sends, metrics } = messages.node.ctx
  const holder = await pool.connect()
  await holder.query('BEGIN')
  await holder.query('SELECT 1 FROM conversations WHERE id = $1 FOR UPDATE', [conversationId])

  const send = (senderId: string) =>
    sends.send({ senderId, conversationId, id: newId(), text: 'x', requestId: undefined })
  const refused: Promise<unknown>[] = []
  const accepted = people.flatMap(({ id }) => {
    const own = Array.from({ length: 1_000 }, () => send(id))
    refused.push(send(id))
    return own
  })
  const refusal = { status: 'rejected', reason: { code: 'unavailable', retryAfter: 1 } }
  expect(await Promise.allSettled(refused)).toMatchObject(refused.map(() => refusal))
  const text = await metrics.registry.metrics()
  expect(text).toMatch(/sends_refused_total\{bound="person".*\} 9/)
  expect(text).toMatch(/sends_refused_total\{bound="number".*\} 1/)
  await alice.call(`GET /v1/conversations/${conversationId}`)
  await holder.query('COMMIT')
  holder.release()

  const stored = await Promise.all(accepted)
  const seqs = stored.map(({ message }): number => JSON.parse(message).seq)
  expect(seqs).toEqual(accepted.map((_, i) => (seqs[0] ?? 0) + i))
})

test('concurrent changes of one group leave connections to others, and run in order', async () => {
  await using messages = await startTestMessages()
  const [owner, ...members] = await messages.joinAll(30)
  if (!owner) throw new Error('Nobody came')
  const group = await messages.group(owner, members)
  const message = await owner.say(group.id, 'news')
  const holder = await messages.node.ctx.pool.connect()
  await holder.query('BEGIN')
  await holder.query('SELECT 1 FROM conversations WHERE id = $1 FOR UPDATE', [group.id])

  const thumb = encodeURIComponent('👍')
  const reacting = members.map((member) => member.call(`PUT /v1/messages/${message.id}/reactions/${thumb}`))
  const reads = await Promise.all(members.map((member) => member.call(`GET /v1/messages/${message.id}`)))
  expect(new Set(reads.map((reply) => reply.status))).toEqual(new Set([200]))
  await holder.query('COMMIT')
  holder.release()

  const replies = await Promise.all(reacting)
  expect(new Set(replies.map((reply) => reply.status))).toEqual(new Set([204]))
  const { body } = await owner.call<Message>(`GET /v1/messages/${message.id}`)
  expect(body.reactions[0]?.userIds).toHaveLength(members.length)
})
