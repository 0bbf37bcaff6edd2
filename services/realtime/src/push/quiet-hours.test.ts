import { expect, test } from 'vitest'
import { isWithinQuietHours } from './quiet-hours.ts'

test.each([
  ['within one day', '13:00', '14:30', 'UTC', '2026-03-01T13:59:00Z', true],
  ['at its first minute', '13:00', '14:30', 'UTC', '2026-03-01T13:00:00Z', true],
  ['at its end', '13:00', '14:30', 'UTC', '2026-03-01T14:30:00Z', false],
  ['before it', '13:00', '14:30', 'UTC', '2026-03-01T12:59:59Z', false],
  ['over midnight, in the evening', '22:00', '07:00', 'UTC', '2026-03-01T23:10:00Z', true],
  ['over midnight, at midnight', '22:00', '07:00', 'UTC', '2026-03-01T00:00:00Z', true],
  ['over midnight, in the morning', '22:00', '07:00', 'UTC', '2026-03-01T06:59:59Z', true],
  ['over midnight, by day', '22:00', '07:00', 'UTC', '2026-03-01T12:00:00Z', false],
  ['until midnight', '22:00', '00:00', 'UTC', '2026-03-01T23:59:00Z', true],
  ['the same time twice', '22:00', '22:00', 'UTC', '2026-03-01T22:00:00Z', false],
  ['in the winter of Berlin', '22:00', '07:00', 'Europe/Berlin', '2026-01-15T05:30:00Z', true],
  ['in the winter of Berlin, later', '22:00', '07:00', 'Europe/Berlin', '2026-01-15T06:00:00Z', false],
  ['in the summer of Berlin', '22:00', '07:00', 'Europe/Berlin', '2026-07-15T05:00:00Z', false],
  ['in the hour that Berlin skips', '02:15', '02:45', 'Europe/Berlin', '2026-03-29T01:30:00Z', false],
  ['in the hour Berlin has twice, first', '02:15', '02:45', 'Europe/Berlin', '2026-10-25T00:30:00Z', true],
  ['in the hour Berlin has twice, again', '02:15', '02:45', 'Europe/Berlin', '2026-10-25T01:30:00Z', true],
  ['half an hour off', '22:00', '07:00', 'Asia/Kolkata', '2026-01-15T16:30:00Z', true],
  ['a day ahead', '22:00', '07:00', 'Pacific/Kiritimati', '2026-01-15T09:00:00Z', true],
])('%s: %s to %s in %s holds at %s: %s', (_, from, to, timeZone, at, quiet) => {
  expect(isWithinQuietHours({ from, to, timeZone }, new Date(at))).toBe(quiet)
})
