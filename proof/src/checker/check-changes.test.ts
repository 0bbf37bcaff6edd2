import { expect, test } from 'vitest'
import { toMark } from '../devices/flight-recorder.ts'
import type { Change } from '../history/history.ts'
import { checkChanges } from './check-changes.ts'

const edit = (value: number, startedAt: number, acknowledgedAt: number | null, retried = false): Change => ({
  ...{ kind: 'edit', conversationId: 'c', subject: 'm', userId: 'ada', refused: false },
  ...{ value: String(value), startedAt, acknowledgedAt, retried },
})

const nothing = { people: [], devices: [], answers: [], texts: [], pushes: null, faults: [], healedAt: 0 }

const none = { reactions: [] as { emoji: string; userIds: string[] }[], pinnedIds: [] as string[] }

function judge(final: number, changes: Change[], { reactions, pinnedIds } = none): boolean {
  const message = {
    id: 'm',
    seq: 1,
    version: 1,
    senderId: 'ada',
    kind: 'text',
    text: toMark(final),
    reactions,
  }
  const more = { forwardOf: null, replyToId: null, createdAt: 0, isEdited: true, isDeleted: false }
  const counts = { lastSeq: 1, version: 1, participantCount: 1, sharesHistory: false }
  const rows = { events: [], participants: [], pinnedIds, messages: [{ ...message, ...more }] }
  return checkChanges({ ...nothing, changes, conversations: [{ id: 'c', ...counts, ...rows }] }).length === 0
}

test('the last acknowledged one of a row is what is', () => {
  const row = [edit(1, 0, 10), edit(2, 20, 30)]
  expect(judge(2, row)).toBe(true)
  expect(judge(1, row)).toBe(false)
  expect(judge(0, row)).toBe(false)
})

test('of two at the same time either may be last', () => {
  const row = [edit(1, 0, 30), edit(2, 20, 25)]
  expect(judge(1, row)).toBe(true)
  expect(judge(2, row)).toBe(true)
})

test('one that was never answered, or asked again, may take effect late; none that was refused does', () => {
  expect(judge(1, [edit(1, 0, null), edit(2, 20, 30)])).toBe(true)
  expect(judge(1, [edit(1, 0, 10, true), edit(2, 20, 30)])).toBe(true)
  expect(judge(0, [edit(1, 0, null)])).toBe(true)
  expect(judge(1, [{ ...edit(1, 0, null), refused: true }, edit(2, 20, 30)])).toBe(false)
})

test('an acknowledged reaction or pin that is gone, and one taken back that is there, is a change undone', () => {
  const setting = { conversationId: 'c', userId: 'ada', refused: false, retried: false }
  const times = { startedAt: 0, acknowledgedAt: 10 }
  const reaction = { ...setting, ...times, kind: 'reaction', subject: 'm ada 🎉' } as const
  const pin = { ...setting, ...times, kind: 'pin', subject: 'm' } as const
  expect(judge(0, [{ ...reaction, value: 'on' }])).toBe(false)
  expect(judge(0, [{ ...reaction, value: 'off' }])).toBe(true)
  expect(judge(0, [{ ...pin, value: 'on' }])).toBe(false)
  expect(judge(0, [{ ...pin, value: 'off' }])).toBe(true)
  const there = { reactions: [{ emoji: '🎉', userIds: ['ada'] }], pinnedIds: ['m'] }
  expect(judge(0, [{ ...reaction, value: 'off' }], there)).toBe(false)
  expect(judge(0, [{ ...pin, value: 'off' }], there)).toBe(false)
})
