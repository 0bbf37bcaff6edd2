import type { KindResult } from './judge-kind.ts'
import { growths } from './judge-kind.ts'

const columns = [
  'kind',
  'taken/s',
  '429/s',
  'calm p50/p99',
  'sends p50/p99',
  'arrivals p50/p99',
  'joins p50/p99',
  'failed',
  'most grown',
  'longest stall',
  'files',
  'p99 after',
  'Redis/h',
  'disk/h',
  'bars',
]

/** One table of all kinds, and below it every bar that was missed. */
export function tableOf(results: readonly { result: KindResult; faults: string[] }[]): string {
  const rows = [columns, ...results.map(({ result, faults }) => rowOf(result, faults))]
  const widths = columns.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)))
  const lines = rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  const faults = results.flatMap(({ result, faults }) => faults.map((fault) => `${result.name}: ${fault}`))
  return [...lines, ...faults.map((fault) => `✗ ${fault}`)].join('\n')
}

function rowOf(result: KindResult, faults: readonly string[]): string[] {
  const { tally, seconds, sends, arrivals, joins, quiet, stalls, before, most, footprint } = result
  const [grown] = growths(before, most, 'bytes')
  const [opened] = growths(before, most, 'openFiles')
  const [stall] = Object.entries(stalls).sort(([, a], [, b]) => b - a)
  const perHour = (of: 'redisBytes' | 'diskBytes') =>
    bytes(((footprint.after[of] - footprint.before[of]) / seconds) * 3_600)
  return [
    result.name,
    (tally.taken / seconds).toFixed(0),
    (tally.limited / seconds).toFixed(0),
    both(sends.calm),
    both(sends.greedy),
    both(arrivals.greedy),
    both(joins.greedy),
    String(quiet.failures.length + quiet.missing + quiet.lost),
    `${bytes(grown?.by ?? 0)} ${grown?.process ?? ''}`,
    `${(stall?.[1] ?? 0).toFixed(0)} ms ${stall?.[0] ?? ''}`,
    String(opened?.by ?? 0),
    ms(sends.after.p99),
    perHour('redisBytes'),
    perHour('diskBytes'),
    faults.length === 0 ? '✓' : `✗ ${faults.length}`,
  ]
}

const ms = (value: number) => (Number.isNaN(value) ? '–' : value.toFixed(value < 10 ? 1 : 0))
const both = ({ p50, p99 }: { p50: number; p99: number }) => `${ms(p50)}/${ms(p99)} ms`

function bytes(count: number): string {
  const mebi = count / 2 ** 20
  return Math.abs(mebi) >= 1_000 ? `${(mebi / 1_024).toFixed(1)} GiB` : `${mebi.toFixed(0)} MiB`
}
