import { newId } from '@finnigram/contracts'
import { expect, test } from 'vitest'
import { startTestMessages } from './fixture/start-test-messages.ts'

test('when too many sends wait, more are turned away at once, and those that wait are stored in order', async () => {
  await using messages = await startTestMessages()
  const alice = await messages.join('Alice')
  const { id: conversationId } = await messages.direct(alice, alice)
  const { pool, sends } = messages.node.ctx
  const holder = await pool.connect()
  await holder.query('BEGIN')
  await holder.query('SELECT 1 FROM conversations WHERE id = $1 FOR UPDATE', [conversationId])

  const send = () =>
    sends.send({ senderId: alice.id, conversationId, id: newId(), text: 'x', requestId: undefined })
  const accepted = Array.from({ length: 10_000 }, send)
  await expect(send()).rejects.toMatchObject({ code: 'unavailable', retryAfter: 1 })
  await alice.call(`GET /v1/conversations/${conversationId}`)
  await holder.query('COMMIT')
  holder.release()

  const stored = await Promise.all(accepted)
  expect(stored.map(({ message }) => JSON.parse(message).seq)).toEqual(accepted.map((_, i) => i + 1))
})
