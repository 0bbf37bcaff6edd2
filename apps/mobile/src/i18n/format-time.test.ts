import { expect, test } from 'vitest'
import { createTimeFormat, startOfDay } from './format-time.ts'

const words = { now: 'now', today: 'Today', yesterday: 'Yesterday' }
const british = createTimeFormat('en-GB', words)
const at = (text: string) => new Date(text).getTime()
const now = at('2026-03-12T15:00:00')

test('a list shows now, the time, the weekday, the date', () => {
  expect(british.short(now - 5_000, now)).toBe('now')
  expect(british.short(at('2026-03-12T14:05:00'), now)).toBe('14:05')
  expect(british.short(at('2026-03-10T09:00:00'), now)).toBe('Tue')
  expect(british.short(at('2026-03-03T09:00:00'), now)).toBe('3 Mar')
  expect(british.short(at('2025-03-03T09:00:00'), now)).toBe('03/03/25')
})

test('the clock follows the locale: 12 hours in the United States', () => {
  const american = createTimeFormat('en-US', words)
  expect(american.clock(at('2026-03-12T14:05:00')).replace(/\s/g, ' ')).toBe('2:05 PM')
})

test('a time slightly in the future shows as now', () => {
  expect(british.short(now + 30_000, now)).toBe('now')
})

test('a day chip shows today, yesterday, then the date, with the year if it differs', () => {
  expect(british.day(at('2026-03-12T00:00:00'), now)).toBe('Today')
  expect(british.day(at('2026-03-11T23:59:00'), now)).toBe('Yesterday')
  expect(british.day(at('2026-03-03T12:00:00'), now)).toBe('Tuesday 3 March')
  expect(british.day(at('2025-12-31T12:00:00'), now)).toBe('31 December 2025')
})

test('days are local days', () => {
  expect(startOfDay(at('2026-03-12T23:59:59'))).toBe(at('2026-03-12T00:00:00'))
})
