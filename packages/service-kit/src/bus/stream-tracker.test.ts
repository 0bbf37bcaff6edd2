import { expect, test } from 'vitest'
import { createTracker } from './stream-tracker.ts'

const emptied = 'the stream was emptied or replaced'
const gone = 'entries were gone before they were read'

test('reading everything agrees with every position, before and after it is reached', () => {
  const tracker = createTracker({ lastId: '5-0', added: 5 })
  expect(tracker.compare({ lastId: '7-1', added: 8 })).toBeUndefined()
  expect(tracker.advance(['6-0'])).toBeUndefined()
  expect(tracker.advance(['7-0', '7-1', '9-0'])).toBeUndefined()
  expect(tracker.compare({ lastId: '9-0', added: 9 })).toBeUndefined()
  expect(tracker.lastId).toBe('9-0')
})

test('a missed entry shows at the position behind it, once', () => {
  const tracker = createTracker({ lastId: '5-0', added: 5 })
  expect(tracker.compare({ lastId: '8-0', added: 8 })).toBeUndefined()
  expect(tracker.advance(['7-0', '8-0'])).toBe(gone)
  expect(tracker.advance(['9-0'])).toBeUndefined()
  expect(tracker.compare({ lastId: '9-0', added: 9 })).toBeUndefined()
})

test('a trimmed position shows when an entry behind it is read, or nothing is left', () => {
  const passed = createTracker({ lastId: '5-0', added: 5 })
  passed.compare({ lastId: '8-0', added: 8 })
  expect(passed.advance(['9-0'])).toBe(gone)
  expect(passed.compare({ lastId: '9-0', added: 9 })).toBeUndefined()
  const empty = createTracker({ lastId: '5-0', added: 5 })
  empty.compare({ lastId: '8-0', added: 8 })
  expect(empty.advance([])).toBe(gone)
  expect(empty.lastId).toBe('8-0')
})

test('a stream whose ids or count went back was replaced', () => {
  expect(createTracker({ lastId: '5-0', added: 5 }).compare({ lastId: '0-0', added: 0 })).toBe(emptied)
  expect(createTracker({ lastId: '5-0', added: 5 }).compare({ lastId: '4-9', added: 9 })).toBe(emptied)
  const younger = createTracker({ lastId: '5-0', added: 5 })
  expect(younger.compare({ lastId: '9-0', added: 2 })).toBe(emptied)
  expect(younger.lastId).toBe('9-0')
  expect(younger.advance(['10-0'])).toBeUndefined()
})

test('a stream that does not exist yet begins at nothing', () => {
  const tracker = createTracker()
  expect(tracker.lastId).toBe('0-0')
  expect(tracker.compare({ lastId: '0-0', added: 0 })).toBeUndefined()
  expect(tracker.advance(['1-0'])).toBeUndefined()
  expect(tracker.compare({ lastId: '1-0', added: 1 })).toBeUndefined()
})
