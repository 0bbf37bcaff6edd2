import type { Latencies } from './count-metrics.ts'
import { longestCatchUp } from './longest-catch-up.ts'
import { type Report, replayCommand } from './report.ts'

const shown = 40

/** Prints what a run came to, in lines for a terminal. */
export function printReport(report: Report, folder: string): void {
  const { metrics, faults, busy, violations } = report
  const { sends, acknowledged, refused, deliveries, changes, pushes } = metrics
  const count = (...kinds: string[]) => violations.filter(({ kind }) => kinds.includes(kind)).length
  const longest = longestCatchUp(report)
  const lines = [
    `${sends} sends, ${acknowledged} acknowledged, ${refused} refused; ${deliveries} deliveries; ${changes} edits, deletions, reactions and pins; ${pushes} notifications`,
    `The machine was ${Math.round(busy * 100)} % busy`,
    `${faults.length} faults; all was everywhere at most ${longest.all} ms after one, ${longest.alone} ms where no other came meanwhile`,
    `Acknowledged ${latencyText(metrics.acknowledgement.all)}; away from faults ${latencyText(metrics.acknowledgement.faultFree)}`,
    `Delivered ${latencyText(metrics.delivery.all)}; away from faults ${latencyText(metrics.delivery.faultFree)}`,
    `lost ${count('lost')}, doubled ${count('doubled', 'seq twin', 'version twin')}, reordered ${count('reordered')}, leaked ${count('leaked')}`,
    ...violations.slice(0, shown).map(({ kind, what }) => `✗ ${kind}: ${what}`),
    ...(violations.length > shown ? [`… and ${violations.length - shown} more`] : []),
    `The report is in ${folder}`,
    violations.length === 0
      ? `✓ Every promise was kept (seed ${report.options.seed})`
      : `✗ ${violations.length} broken promises. The same again: ${replayCommand(report)}`,
  ]
  process.stdout.write(`\n${lines.join('\n')}\n`)
}

const latencyText = ({ p50, p99, most }: Latencies) =>
  `after ${p50} ms (p50), ${p99} ms (p99), ${most} ms (most)`
