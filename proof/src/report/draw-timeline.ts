import { nameOf } from '../cluster/cluster.ts'
import type { FaultRecord } from '../nemesis/run-faults.ts'
import { type Chart, drawBars, drawGrid, drawLine, drawSpans, type SpanRow } from './draw-chart.ts'
import { escapeHtml } from './escape-html.ts'
import type { Report } from './report.ts'

const width = 1120
const left = 190
const right = 16
const rowHeight = 20
const chartHeight = 96
const gap = 34

/**
 * What went wrong when, as bars by target; under it what was sent, how long it took, and how
 * quickly all was well again.
 */
export function drawTimeline({ faults, catchUps, metrics, options }: Report): string {
  const endMs = Math.max(options.seconds, metrics.seconds.length, 1) * 1000
  const x = (ms: number) => left + ((width - left - right) * Math.max(0, Math.min(ms, endMs))) / endMs
  const rows = rowsOf(faults)
  const faultsEnd = gap + rows.length * rowHeight
  const place = (index: number): Chart => ({
    x,
    endMs,
    left,
    right: width - right,
    top: faultsEnd + gap + index * (chartHeight + gap),
    height: chartHeight,
  })
  const { seconds } = metrics
  const healing = catchUps.flatMap(({ from, ms, name }) =>
    ms === null ? [] : [{ at: from, value: ms, title: `${ms} ms after ${name}` }],
  )
  const charts = [
    drawBars(place(0), {
      title: 'sends a second',
      className: 'sends',
      values: seconds.map(({ sends }, at) => ({
        at: at * 1000,
        value: sends,
        title: `${sends} sends in second ${at}`,
      })),
      widthMs: 900,
    }),
    drawLine(place(1), {
      title: 'delivery, ms (log)',
      lines: [
        { className: 'p50', values: seconds.map(({ p50 }) => p50) },
        { className: 'p99', values: seconds.map(({ p99 }) => p99) },
      ],
    }),
    drawBars(place(2), {
      title: 'catch-up, ms',
      className: 'catch-up',
      values: healing,
      widthMs: endMs / 200,
    }),
  ]
  const height = place(3).top
  return `<section aria-labelledby="timeline">
<h2 id="timeline">What happened when</h2>
<div class="scroll" tabindex="0" role="group" aria-label="Timeline">
<svg viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="timeline-title timeline-text">
<title id="timeline-title">Timeline of ${options.seconds} seconds</title>
<desc id="timeline-text">${escapeHtml(describe(faults, catchUps.length))}</desc>
${drawGrid({ ...place(0), top: gap, height: height - gap - gap })}
${drawSpans(rows, { ...place(0), top: gap }, rowHeight)}
${charts.join('\n')}
</svg>
</div>
<p>Delivery: <span style="color: var(--sends)">p50</span> and <span style="color: var(--latency)">p99</span> of what was sent in each second, to devices that were connected. All metrics stand in the tables below.</p>
</section>`
}

function rowsOf(faults: readonly FaultRecord[]): SpanRow[] {
  const byTarget = Map.groupBy(faults, targetOf)
  return [...byTarget]
    .sort(([one], [other]) => one.localeCompare(other))
    .map(([name, records]) => ({
      name,
      spans: records.map((record) => ({
        from: record.from,
        to: record.to ?? record.from,
        title: record.name,
      })),
    }))
}

/** What a fault befell. */
function targetOf({ fault }: FaultRecord): string {
  if ('link' in fault) return `way to ${fault.link}`
  return 'target' in fault ? nameOf(fault.target) : 'redis'
}

function describe(faults: readonly FaultRecord[], catchUps: number): string {
  const targets = new Set(faults.map(targetOf))
  return `${faults.length} faults on ${[...targets].join(', ') || 'nothing'}, the rate of sends, the latency of delivery, and ${catchUps} times to catch up.`
}
