import type { Latencies } from './count-metrics.ts'
import { escapeHtml } from './escape-html.ts'
import { longestCatchUp } from './longest-catch-up.ts'
import type { Report } from './report.ts'

type Cell = string | number

/** All of a report's metrics, as tables. */
export function drawTables(report: Report): string {
  const { violations } = report
  return [
    section(
      'Promises',
      drawTable('Every promise, and how often it was broken', ['Promise', 'Broken'], promises(report)),
    ),
    ...(violations.length === 0
      ? []
      : [
          section(
            'What was broken',
            drawTable(
              '',
              ['What', 'How'],
              violations.slice(0, 500).map(({ kind, what }) => [kind, what]),
            ),
          ),
        ]),
    section('Figures', drawTable('', ['What', 'How many'], counts(report))),
    section(
      'Latencies',
      drawTable('In milliseconds', ['', 'Count', 'p50', 'p99', 'Most'], latencyRows(report)),
    ),
    section(
      'Faults',
      drawTable(
        'In the order in which they began',
        ['Second', 'Fault', 'Lasted (s)', 'Caught up after (ms)'],
        faultRows(report),
      ),
    ),
    section(
      'Longest stalls',
      drawTable(
        'Longest that the event loop of a node stood still',
        ['Node', 'Milliseconds'],
        Object.entries(report.stalls).map(([name, ms]) => [name, Math.round(ms)]),
      ),
    ),
  ].join('\n')
}

const section = (title: string, content: string) => `<section><h2>${title}</h2>${content}</section>`

function drawTable(caption: string, heads: readonly string[], rows: readonly Cell[][]): string {
  const cell = (value: Cell) =>
    typeof value === 'number'
      ? `<td class="number">${value.toLocaleString('en')}</td>`
      : `<td>${escapeHtml(value)}</td>`
  const head = heads.map((name) => `<th scope="col">${escapeHtml(name)}</th>`).join('')
  const body = rows.map((row) => `<tr>${row.map(cell).join('')}</tr>`).join('\n')
  const title = caption ? `<caption>${escapeHtml(caption)}</caption>` : ''
  return `<div class="scroll" tabindex="0" role="group" aria-label="${escapeHtml(caption || 'Table')}"><table>${title}<thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`
}

const promiseNames = [
  ['Every acknowledged message is in history once', ['lost', 'doubled']],
  ['Nothing is refused for good that should be taken', ['refused']],
  ['seq and version are dense', ['hole in seq', 'seq twin', 'hole in version', 'version twin']],
  ['Every sender’s order is kept', ['reordered']],
  ['Nothing from outside one’s membership', ['leaked']],
  ['The API answers what is stored', ['answer differs']],
  ['Every device shows what the server has', ['view differs', 'glitch', 'never caught up']],
  ['Acknowledged edits, deletions, reactions and pins stay', ['change undone']],
  ['Markers only move forward', ['marker went back']],
  ['Unread is what is counted anew', ['unread drifted']],
  ['Notified is who needs it, and nobody else', ['push missing', 'push needless']],
  ['No process ended by itself', ['crash']],
] as const

function promises({ violations }: Report): Cell[][] {
  return promiseNames.map(([name, kinds]) => {
    const broken: readonly string[] = kinds
    return [name, violations.filter(({ kind }) => broken.includes(kind)).length]
  })
}

function counts(report: Report): Cell[][] {
  const { metrics, busy } = report
  const { sends, acknowledged, refused, deliveries, changes, pushes, texts } = metrics
  const longest = longestCatchUp(report)
  return [
    ['Sends', sends],
    ['Acknowledged', acknowledged],
    ['Refused: the sender had left, or what was forwarded is gone', refused],
    ['Texts written, edits included', texts],
    ['Deliveries to devices of others', deliveries],
    ['Edits, deletions, reactions and pins', changes],
    ['Notifications', pushes],
    ['How busy the machine was, in percent', Math.round(busy * 100)],
    ['Longest until all was everywhere after a fault, in milliseconds', longest.all],
    ['The same, where no other fault came meanwhile', longest.alone],
  ]
}

function latencyRows({ metrics: { acknowledgement, delivery } }: Report): Cell[][] {
  const row = (name: string, { count, p50, p99, most }: Latencies): Cell[] => [name, count, p50, p99, most]
  return [
    row('Acknowledged', acknowledgement.all),
    row('Acknowledged, away from faults', acknowledgement.faultFree),
    row('Delivered to connected devices', delivery.all),
    row('Delivered, away from faults', delivery.faultFree),
  ]
}

function faultRows({ faults, catchUps }: Report): Cell[][] {
  return faults.map(({ name, from, to }) => {
    const caughtUp = catchUps.find((one) => one.name === name && to !== null && one.from >= to - 1)
    const lasted = to === null ? '' : Math.round((to - from) / 100) / 10
    return [Math.round(from / 100) / 10, name, lasted, caughtUp?.ms ?? 'not']
  })
}
