const day = 86_400_000

/** Start of the local day that contains `time`. */
export function startOfDay(time: number): number {
  return new Date(time).setHours(0, 0, 0, 0)
}

/** Whole local days from `time` to `now`; a day of 23 or 25 hours counts as one. */
const daysAgo = (time: number, now: number) => Math.round((startOfDay(now) - startOfDay(time)) / day)

export type TimeFormat = ReturnType<typeof createTimeFormat>

/** Formats times for a locale, with its 12- or 24-hour clock. */
export function createTimeFormat(locale: string, words: { now: string; today: string; yesterday: string }) {
  const format = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale, options)
  const clock = format({ hour: 'numeric', minute: '2-digit' })
  const weekday = format({ weekday: 'short' })
  const dayMonth = format({ day: 'numeric', month: 'short' })
  const dayMonthYear = format({ day: 'numeric', month: 'numeric', year: '2-digit' })
  const longDay = format({ weekday: 'long', day: 'numeric', month: 'long' })
  const longDayYear = format({ day: 'numeric', month: 'long', year: 'numeric' })
  const sameYear = (a: number, b: number) => new Date(a).getFullYear() === new Date(b).getFullYear()

  return {
    /** 14:05 */
    clock: (time: number) => clock.format(time),
    /** For lists: now, 14:05, Tue, 3 Mar, 3/3/25. */
    short(time: number, now: number): string {
      if (now - time < 60_000) return words.now
      const days = daysAgo(time, now)
      if (days <= 0) return clock.format(time)
      if (days < 7) return weekday.format(time)
      return (sameYear(time, now) ? dayMonth : dayMonthYear).format(time)
    },
    /** For day chips: Today, Yesterday, Tuesday 3 March, 3 March 2025. */
    day(time: number, now: number): string {
      const days = daysAgo(time, now)
      if (days <= 0) return words.today
      if (days === 1) return words.yesterday
      return (sameYear(time, now) ? longDay : longDayYear).format(time)
    },
  }
}
