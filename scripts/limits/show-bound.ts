const times: [unit: string, ms: number][] = [
  ['days', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
  ['ms', 1],
]
const sizes: [unit: string, bytes: number][] = [
  ['GiB', 2 ** 30],
  ['MiB', 2 ** 20],
  ['KiB', 2 ** 10],
  ['bytes', 1],
]

/**
 * A bound as a reader wants it: `mostWaitingBytes` of 67,108,864 is `64 MiB`. The name says what it
 * counts.
 */
export function showBound(name: string, value: number): string {
  if (/Ms$|_MS$/.test(name)) return inUnits(value, times)
  if (/Seconds$/.test(name)) return showTime(value * 1_000)
  if (/Minutes$/.test(name)) return showTime(value * 60_000)
  if (/Hours$/.test(name)) return showTime(value * 3_600_000)
  if (/Bytes$|_BYTES$/.test(name)) return inUnits(value, sizes)
  return value.toLocaleString('en')
}

/** A rate limit: `100 in 2 s`. */
export const showRate = (points: number, seconds: number) =>
  `${points.toLocaleString('en')} in ${showTime(seconds * 1_000)}`

const showTime = (ms: number) => inUnits(ms, times)

/** In the largest unit that leaves no rest. */
function inUnits(value: number, units: readonly (readonly [string, number])[]): string {
  const [unit, one] = units.find(([, each]) => value >= each && value % each === 0) ?? ['', 1]
  const count = value / one
  return `${count.toLocaleString('en')} ${count === 1 && unit === 'days' ? 'day' : unit}`.trim()
}
