import { cpus, totalmem } from 'node:os'
import { describeLatency } from './latencies.ts'
import type { LoadResult } from './run-load.ts'

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

/** Prints one run. */
export function reportLoad(result: LoadResult): void {
  reportFigure('send → receive', describeLatency(result.latency))
  reportFigure('send → acknowledged', describeLatency(result.acknowledged))
  reportFigure(
    'sends',
    `${(result.sends / result.seconds).toFixed(0)}/s (${result.sends}, ${result.refused} refused)`,
  )
  reportFigure(
    'deliveries',
    `${(result.deliveries / result.seconds).toFixed(0)}/s (${result.missing} lost, ${result.doubled} doubled)`,
  )
  reportFigure('CPU per 1,000 deliveries', `${result.cpuPerThousandDeliveries.toFixed(3)} s`)
}
