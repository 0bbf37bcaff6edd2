import type { Report } from './report.ts'

/**
 * The longest that it took until all was everywhere after a fault; `alone` where no other fault
 * came meanwhile. In milliseconds.
 */
export function longestCatchUp({ catchUps, faults }: Pick<Report, 'catchUps' | 'faults'>): {
  all: number
  alone: number
} {
  const measured = catchUps.flatMap(({ from, ms }) => (ms === null ? [] : [{ from, ms }]))
  const alone = measured.filter(
    ({ from, ms }) =>
      !faults.some((fault) => fault.from < from + ms && (fault.to ?? Number.POSITIVE_INFINITY) > from),
  )
  const longest = (some: readonly { ms: number }[]) => Math.max(0, ...some.map(({ ms }) => ms))
  return { all: longest(measured), alone: longest(alone) }
}
