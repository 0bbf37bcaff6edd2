import type { MessageView } from '@finnigram/client'
import { plainMessage } from '@finnigram/contracts/testing'
import { expect, test } from 'vitest'
import { createRowBuilder } from './build-rows.ts'
import { messageStatus } from './message-status.ts'

const message = (seq: number, senderId: string, time: string): MessageView =>
  plainMessage({
    id: `m${seq}`,
    conversationId: 'c',
    seq,
    version: seq,
    senderId,
    text: 'hi',
    createdAt: new Date(time).toISOString(),
  })

const history = (items: MessageView[], firstUnreadSeq: number | null = null, hasBefore = true) => ({
  items,
  firstUnreadSeq,
  hasBefore,
})

const shape = (rows: ReturnType<ReturnType<typeof createRowBuilder>>) =>
  rows.map((row) =>
    row.kind === 'message' ? `${row.key}${row.first ? '^' : ''}${row.last ? '$' : ''}` : row.kind,
  )

test('messages of one sender within five minutes form a group; a new day has its chip', () => {
  const rows = createRowBuilder('me')(
    history(
      [
        message(1, 'ada', '2026-03-01T10:00:00'),
        message(2, 'ada', '2026-03-01T10:04:59'),
        message(3, 'ada', '2026-03-01T10:10:00'),
        message(4, 'me', '2026-03-01T10:10:01'),
        message(5, 'me', '2026-03-02T10:10:02'),
      ],
      null,
      false,
    ),
  )
  expect(shape(rows)).toEqual(['start', 'day', 'm1^', 'm2$', 'm3^$', 'm4^$', 'day', 'm5^$'])
})

test('the unread divider comes once, before the first message of others, and splits a group', () => {
  const items = [1, 2, 3].map((seq) => message(seq, 'ada', '2026-03-01T10:00:00'))
  expect(shape(createRowBuilder('me')(history(items, 2)))).toEqual(['day', 'm1^$', 'unread', 'm2^', 'm3$'])
  const mine = [message(1, 'ada', '2026-03-01T10:00:00'), message(2, 'me', '2026-03-01T10:00:00')]
  expect(shape(createRowBuilder('me')(history(mine, 2)))).toEqual(['day', 'm1^$', 'm2^$'])
})

test('a row stays the same object while nothing about it changes', () => {
  const build = createRowBuilder('me')
  const items = [message(1, 'ada', '2026-03-01T10:00:00'), message(2, 'ada', '2026-03-01T10:01:00')]
  const before = build(history(items))
  const after = build(history([...items, message(3, 'ada', '2026-03-01T10:02:00')]))
  expect(after[0]).toBe(before[0])
  expect(after[1]).toBe(before[1])
  expect(after[2]).not.toBe(before[2])
})

test('the delivery status follows the slowest reader', () => {
  const sent = message(5, 'me', '2026-03-01T10:00:00')
  const reader = (userId: string, lastReadSeq: number, lastDeliveredSeq: number) => ({
    userId,
    lastReadSeq,
    lastDeliveredSeq,
  })
  expect(messageStatus(sent, [reader('me', 5, 5), reader('ada', 0, 4)])).toBe('sent')
  expect(messageStatus(sent, [reader('ada', 5, 5), reader('bob', 0, 5)])).toBe('delivered')
  expect(messageStatus(sent, [reader('ada', 5, 0), reader('bob', 6, 0)])).toBe('read')
  expect(messageStatus(sent, [reader('me', 0, 0)])).toBe('read')
})
