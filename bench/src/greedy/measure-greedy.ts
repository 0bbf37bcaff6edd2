import { reportMachine, reportTitle } from '../report.ts'
import { type GreedyProduct, startProduct } from './greedy-product.ts'
import type { KindResult } from './judge-kind.ts'
import { bars, judgeKind, looseBars } from './judge-kind.ts'
import { type KindName, kindNames } from './kinds.ts'
import { tableOf } from './report-greedy.ts'
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
