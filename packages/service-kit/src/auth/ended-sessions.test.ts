import { expect, test } from 'vitest'
import { createEndedSessions } from './ended-sessions.ts'

test('an ended session is remembered until its last token has expired', () => {
  let now = 0
  const ended = createEndedSessions({ now: () => now })
  expect(ended.add('a')).toBe(true)
  now = 15 * 60_000
  expect(ended.add('b')).toBe(true)
  expect(ended.has('a')).toBe(true)
  now = 16 * 60_000
  ended.add('c')
  expect(['a', 'b', 'c'].map((id) => ended.has(id))).toEqual([false, true, true])
})

test('adding it again reports nothing new, and keeps it no longer', () => {
  let now = 0
  const ended = createEndedSessions({ now: () => now })
  ended.add('a')
  now = 10 * 60_000
  expect(ended.add('a')).toBe(false)
  now = 16 * 60_000
  ended.add('b')
  expect(ended.has('a')).toBe(false)
})

test('it holds a bounded number, and drops the oldest first', () => {
  const ended = createEndedSessions({ atMost: 2 })
  for (const id of ['a', 'b', 'c']) ended.add(id)
  expect(['a', 'b', 'c'].map((id) => ended.has(id))).toEqual([false, true, true])
})

test('a session is remembered for longer by what the issuer’s clock was ahead', () => {
  let now = 0
  let ahead = 0
  const ended = createEndedSessions({ now: () => now, aheadMs: () => ahead })
  ended.add('a')
  ahead = 10 * 60_000
  now = 25 * 60_000
  ended.add('b')
  expect(ended.has('a')).toBe(true)
  now = 26 * 60_000
  ended.add('c')
  expect(ended.has('a')).toBe(false)
})
