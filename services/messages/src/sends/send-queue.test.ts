import { expect, test } from 'vitest'
import type { NewSend } from './new-send.ts'
import { createSendQueue } from './send-queue.ts'

const item = (conversationId: string, id: string, replyToId?: string): { send: NewSend } => ({
  send: {
    conversationId,
    id,
    senderId: 'someone',
    text: id,
    requestId: undefined,
    ...(replyToId && { replyToId }),
  },
})
const idsOf = (batch: { send: NewSend }[]) => batch.map(({ send }) => send.id)

const queueOf = (...items: { send: NewSend }[]) => {
  const queue = createSendQueue<{ send: NewSend }>()
  for (const one of items) queue.add(one)
  return queue
}

test('a batch takes waiting sends, each conversation in order', () => {
  const queue = queueOf(item('a', '1'), item('b', '2'), item('a', '3'))
  expect(idsOf(queue.take(10))).toEqual(['1', '3', '2'])
  expect(queue.size).toBe(0)
})

test('waiting sends are counted, in all, in bytes and of each person, until they are taken', () => {
  const queue = queueOf(item('a', '1'), item('b', '22'))
  queue.add({ send: { ...item('c', '333').send, senderId: 'another' } })
  expect([queue.size, queue.bytes]).toEqual([3, 12])
  expect(['someone', 'another', 'nobody'].map((who) => queue.waitingOf(who))).toEqual([2, 1, 0])
  queue.release(queue.take(2))
  expect([queue.size, queue.bytes]).toEqual([1, 6])
  expect(['someone', 'another'].map((who) => queue.waitingOf(who))).toEqual([0, 1])
})

test('a conversation is in one batch at a time', () => {
  const queue = queueOf(item('a', '1'))
  const batch = queue.take(10)
  queue.add(item('a', '2'))
  queue.add(item('b', '3'))
  expect(idsOf(queue.take(10))).toEqual(['3'])
  expect(queue.take(10)).toEqual([])
  queue.release(batch)
  expect(idsOf(queue.take(10))).toEqual(['2'])
})

test('a busy conversation leaves room for the others', () => {
  const queue = queueOf(item('a', '1'), item('a', '2'), item('a', '3'), item('b', '4'))
  const first = queue.take(2)
  expect(idsOf(first)).toEqual(['1', '2'])
  queue.release(first)
  expect(idsOf(queue.take(2))).toEqual(['4', '3'])
})

test('the same id waits for the next batch, with all that comes after it', () => {
  const queue = queueOf(item('a', '1'), item('a', '1'), item('a', '2'), item('b', '1'))
  const first = queue.take(10)
  expect(idsOf(first)).toEqual(['1'])
  queue.release(first)
  const second = queue.take(10)
  expect(second.map(({ send }) => send.conversationId)).toEqual(['b'])
  queue.release(second)
  expect(idsOf(queue.take(10))).toEqual(['1', '2'])
})

test('a reply waits until its message is stored', () => {
  const queue = queueOf(item('a', '1'), item('a', '2', '1'), item('a', '3'))
  const first = queue.take(10)
  expect(idsOf(first)).toEqual(['1'])
  queue.release(first)
  expect(idsOf(queue.take(10))).toEqual(['2', '3'])
})

const forward = (conversationId: string, id: string, forwardOf: string): { send: NewSend } => ({
  send: { conversationId, id, senderId: 'someone', forwardOf, requestId: undefined },
})

test('a forward waits until its message is settled, in any conversation and batch', () => {
  const queue = queueOf(
    item('a', '0'),
    item('a', '0'),
    item('a', '1'),
    forward('b', '2', '1'),
    item('b', '3'),
  )
  const first = queue.take(10)
  expect(idsOf(first)).toEqual(['0'])
  queue.release(first)
  const second = queue.take(10)
  expect(idsOf(second)).toEqual(['0', '1'])
  expect(queue.take(10)).toEqual([])
  queue.release(second)
  expect(idsOf(queue.take(10))).toEqual(['2', '3'])
})

test('forwards of each other, of themselves and of what comes later do not wait', () => {
  const queue = queueOf(forward('a', '1', '2'), forward('b', '2', '1'), forward('c', '3', '3'))
  const first = queue.take(10)
  expect(idsOf(first)).toEqual(['1', '3'])
  queue.release(first)
  expect(idsOf(queue.take(10))).toEqual(['2'])
})
