import type { Row } from './row.ts'

/**
 * By process, what `cluster.stalls` says: processor time that kept an event loop from turning, in
 * milliseconds.
 */
export type Stalls = Readonly<Record<string, number>>

/** No event loop works for longer without a pause, in milliseconds. */
const stallMs = 200

/**
 * The longest stalls of a row, from readings when its cause had ended and afterwards. What a new
 * process works before it serves holds nobody up.
 */
export function stallsOfRow(
  { renews }: Pick<Row, 'renews'>,
  readings: { before: Stalls; after: Stalls },
): Stalls {
  const before = Object.entries(readings.before).filter(([name]) => !renews || !name.startsWith(`${renews}-`))
  const after = Object.entries(readings.after)
  const longest: Record<string, number> = {}
  for (const [name, ms] of [...before, ...after]) longest[name] = Math.max(longest[name] ?? 0, ms)
  return longest
}

/** Those that are too long. */
export const longStalls = (stalls: Stalls) => Object.entries(stalls).filter(([, ms]) => ms > stallMs)

/** The longest of them, in words. */
export function longest(stalls: Stalls): string {
  const [name, ms] = Object.entries(stalls).reduce((one, other) => (other[1] > one[1] ? other : one), ['', 0])
  return `${Math.round(ms)} ms (${name})`
}
