import type { ChatRow } from './build-rows.ts'

/** The day of each row, by row key. */
export function daysByKey(rows: readonly ChatRow[]): Map<string, number> {
  const days = new Map<string, number>()
  let day: number | undefined
  for (const row of rows) {
    if (row.kind === 'day') day = row.day
    if (day !== undefined) days.set(row.key, day)
  }
  return days
}
