import type { QuietHours } from '@finnigram/contracts'

/** Creating a format costs more than all the rest. */
const formats = new Map<string, Intl.DateTimeFormat>()
const formatsKept = 1000

/**
 * Whether `at` is in a person's quiet hours, by their local time. `from` is included, `to` is not;
 * equal times mean never.
 */
export function isWithinQuietHours({ from, to, timeZone }: QuietHours, at: Date): boolean {
  const now = timeOfDay(at, timeZone)
  return from <= to ? from <= now && now < to : from <= now || now < to
}

/** `HH:MM`, which orders as text. */
function timeOfDay(at: Date, timeZone: string): string {
  const known = formats.get(timeZone)
  if (known) return known.format(at)
  if (formats.size >= formatsKept) formats.clear()
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  formats.set(timeZone, format)
  return format.format(at)
}
