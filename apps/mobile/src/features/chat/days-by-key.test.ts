import { expect, test } from 'vitest'
import { daysByKey } from './days-by-key.ts'

test('each row belongs to the last day row before it', () => {
  const days = daysByKey([
    { kind: 'start', key: 'start' },
    { kind: 'day', key: 'day-1', day: 1 },
    { kind: 'unread', key: 'unread' },
    { kind: 'day', key: 'day-2', day: 2 },
  ])
  expect([...days]).toEqual([
    ['day-1', 1],
    ['unread', 1],
    ['day-2', 2],
  ])
})
