import { cpus, totalmem } from 'node:os'

/** Milliseconds, gathered and summed up. */
export interface LatencySummary {
  count: number
  p50: number
  p95: number
  p99: number
  max: number
}

/** Quantiles by the nearest-rank method over all samples, none left out. */
export function summarise(samples: readonly number[]): LatencySummary {
  const sorted = Float64Array.from(samples).sort()
  const at = (quantile: number) => sorted[Math.max(0, Math.ceil(quantile * sorted.length) - 1)] ?? Number.NaN
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) }
}

/** One row as people read it. */
export const describeLatency = ({ p50, p95, p99, max }: LatencySummary) =>
  `p50 ${p50.toFixed(1)} ms · p95 ${p95.toFixed(1)} ms · p99 ${p99.toFixed(1)} ms · max ${max.toFixed(1)} ms`

const write = (line: string) => process.stdout.write(`${line}\n`)

/** Says what the figures were measured on. */
export function reportMachine(pinned: boolean): void {
  const [cpu] = cpus()
  write(
    `machine: ${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`,
  )
  write(pinned ? 'servers on core 0, load on core 1' : 'servers and load share all cores')
}

export const reportTitle = (title: string) => write(`\n${title}`)
export const reportFigure = (name: string, value: string) => write(`  ${name.padEnd(28)} ${value}`)
