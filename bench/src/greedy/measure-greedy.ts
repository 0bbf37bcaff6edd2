import { reportMachine, reportTitle } from '../report.ts'
import { type GreedyProduct, startProduct } from './greedy-product.ts'
import type { KindResult } from './judge-kind.ts'
import { bars, growths, judgeKind, looseBars } from './judge-kind.ts'
import { type KindName, kindNames } from './kinds.ts'

import { runKind } from './run-kind.ts'

export interface GreedyOptions {
  /** How long each kind pushes. */
  seconds: number
  /** Names as in `kinds`, all when not said. */
  kinds?: readonly string[] | undefined
  /** Judge by the bars of a busy machine. */
  isLoose?: boolean | undefined
}

/**
 * Lets one kind of greedy client after the other loose on the product, with the limits as they are,
 * while quiet people chat. Prints what it did to them and to the servers. Answers the exit code: 1
 * when a bar is missed.
 */
export async function measureGreedy({
  seconds,
  kinds = kindNames,
  isLoose = false,
}: GreedyOptions): Promise<number> {
  const wanted = kinds.map(knownKind)
  reportMachine(false)
  reportTitle(`One greedy client for ${seconds} s a kind, 20 quiet people beside it`)
  const results: { result: KindResult; faults: string[] }[] = []
  const durations = { calm: Math.min(10, seconds / 2), greedy: seconds, after: 10 }
  let product: GreedyProduct | undefined
  try {
    for (const kind of wanted) {
      product ??= await startProduct()
      const result = await runKind(product, kind, durations)
      const faults = judgeKind(result, isLoose ? looseBars : bars)
      results.push({ result, faults })
      process.stdout.write(`${faults.length === 0 ? '✓' : '✗'} ${result.name} ${faults.join(' · ')}\n`)
      // What a kind leaves behind is not the next one's fault.
      if (faults.length === 0) continue
      await product[Symbol.asyncDispose]()
      product = undefined
    }
  } finally {
    await product?.[Symbol.asyncDispose]()
  }
  reportTitle(tableOf(results))
  return results.every(({ faults }) => faults.length === 0) ? 0 : 1
}

function knownKind(name: string): KindName {
  const known = kindNames.find((one) => one === name)
  if (known) return known
  throw new Error(`There is no kind ${name}; there are ${kindNames.join(', ')}`)
}

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
