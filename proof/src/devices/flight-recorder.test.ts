import type { Change } from '@finnigram/client'
import type { Conversation, Message } from '@finnigram/contracts'
import { expect, test } from 'vitest'
import { FlightRecorder, toMark } from './flight-recorder.ts'

let moment = 0
const recorder = () =>
  new FlightRecorder(Object.assign(() => ++moment, { begin: () => {}, momentOf: () => 0 }))

const conversation = (lastSeq: number, readSeq = 0): Change => {
  const value = {
    id: 'c',
    version: lastSeq,
    lastSeq,
    participants: [{ userId: 'ada', lastReadSeq: readSeq, lastDeliveredSeq: readSeq }],
  }
  return {
    op: 'put',
    table: 'conversations',
    key: 'c',
    value: { conversation: value as Conversation, historyStart: null },
  }
}
const message = (id: string, seq: number): Change => {
  const value = { id, seq, conversationId: 'c', senderId: 'ada', kind: 'text', deletedAt: null } as Message
  return { op: 'put', table: 'messages', key: id, value }
}
const queued = (id: string, state: 'waiting' | 'failed'): Change => {
  const value = { id, conversationId: 'c', order: 1, text: `${toMark(5)} hi`, createdAt: '', state }
  return { op: 'put', table: 'outbox', key: id, value }
}

test('a message waits from when it is kept until its event takes its place, and is acknowledged then', () => {
  const record = recorder()
  record.written([conversation(1)])
  record.written([queued('m', 'waiting')])
  expect([record.waiting, record.queued.get(5)]).toEqual([1, 'm'])
  record.written([conversation(2), message('m', 2), { op: 'delete', table: 'outbox', key: 'm' }])
  expect(record.waiting).toBe(0)
  expect(record.history().sends).toMatchObject([{ id: 'm', via: 'queue', seq: 2, refused: false }])
})

test('a refused message is noted as that', () => {
  const record = recorder()
  record.written([queued('m', 'waiting')])
  record.written([queued('m', 'failed')])
  expect(record.history().sends).toMatchObject([{ acknowledgedAt: null, refused: true }])
})

test('only what comes after what was known is news, a page of history is not', () => {
  const record = recorder()
  record.written([conversation(3), message('c', 3)])
  record.written([message('a', 1), message('b', 2)])
  record.written([conversation(4), message('d', 4)])
  expect(record.history().arrivals.map(([id]) => id)).toEqual(['d'])
})

test('markers are noted when they move, and anew for who comes again', () => {
  const record = recorder()
  for (const change of [conversation(5), conversation(5), conversation(5, 3)]) record.written([change])
  record.written([{ op: 'delete', table: 'conversations', key: 'c' }])
  record.written([conversation(5, 1)])
  expect(record.history().markers).toEqual([
    {
      conversationId: 'c',
      userId: 'ada',
      rows: [
        [0, 0, 3, 3],
        [1, 1],
      ],
    },
  ])
})
