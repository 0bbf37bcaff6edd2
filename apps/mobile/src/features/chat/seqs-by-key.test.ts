import type { MessageView } from '@finnigram/client'
import { plainMessage } from '@finnigram/contracts/testing'
import { expect, test } from 'vitest'
import { createRowBuilder } from './build-rows.ts'
import { seqsByKey } from './seqs-by-key.ts'
import { ShownRanges } from './shown-ranges.ts'

const message = (seq: number, about: Partial<MessageView> = {}) =>
  ({ ...plainMessage({ id: `m${seq}`, conversationId: 'c', seq, senderId: 'ada' }), ...about }) as MessageView

function seqsOf(items: readonly MessageView[]) {
  const rows = createRowBuilder('me')({ items, hasBefore: true, firstUnreadSeq: null })
  return Object.fromEntries(seqsByKey(rows, 'me'))
}

test('messages that never count as unread belong to the message after them', () => {
  const seqs = seqsOf([
    message(101),
    message(102, { kind: 'system' }),
    message(103, { senderId: 'me' }),
    message(104, { deletedAt: '2026-01-01T00:00:00.000Z' }),
    message(105),
    message(106),
  ])
  expect(seqs).toMatchObject({
    m101: { from: 101, to: 101 },
    m102: { from: 102, to: 102 },
    m104: { from: 102, to: 104 },
    m105: { from: 102, to: 105 },
    m106: { from: 106, to: 106 },
  })
})

test('a chat opened at its first unread message is read from there, past system messages above', () => {
  const lines = [101, 102, 103].map((seq) => message(seq, { kind: 'system' }))
  const seqs = seqsOf([message(100), ...lines, message(104), message(105)])
  const shown = new ShownRanges()
  shown.show({ from: seqs['m104']?.from ?? 0, to: seqs['m105']?.to ?? 0 }, false)
  expect(shown.shownFrom(100)).toBe(105)
})

test('a row without a message lies between the seqs around it', () => {
  const [day] = Object.entries(seqsOf([message(7), message(8)])).filter(([key]) => key.startsWith('day'))
  expect(day?.[1]).toEqual({ from: 7, to: 6 })
})
