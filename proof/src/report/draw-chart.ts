import { escapeHtml } from './escape-html.ts'

/** Where a chart stands, and where on it a moment is. */
export interface Chart {
  x: (ms: number) => number
  endMs: number
  left: number
  right: number
  top: number
  height: number
}

export interface SpanRow {
  name: string
  spans: { from: number; to: number; title: string }[]
}

const place = (value: number) => Math.round(value * 10) / 10

/** A line down at every round time, with its second under it. */
export function drawGrid({ x, endMs, top, height }: Chart): string {
  const step =
    [1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600].find((seconds) => endMs / 1000 / seconds <= 16) ?? 7200
  const ticks = Array.from({ length: Math.floor(endMs / 1000 / step) + 1 }, (_, index) => index * step)
  return ticks
    .map((second) => {
      const at = place(x(second * 1000))
      return `<line class="grid" x1="${at}" x2="${at}" y1="${top}" y2="${top + height}"/><text class="muted" x="${at}" y="${top + height + 16}" text-anchor="middle">${second} s</text>`
    })
    .join('')
}

/** A row of bars per name. */
export function drawSpans(rows: readonly SpanRow[], { x, top, left }: Chart, rowHeight: number): string {
  return rows
    .map(({ name, spans }, index) => {
      const y = top + index * rowHeight
      const bars = spans.map(({ from, to, title }) => {
        const width = place(Math.max(3, x(to) - x(from)))
        return `<rect class="fault" x="${place(x(from))}" y="${y + 4}" width="${width}" height="${rowHeight - 8}" rx="2"><title>${escapeHtml(title)}</title></rect>`
      })
      return `<text x="${left - 10}" y="${y + rowHeight - 6}" text-anchor="end">${escapeHtml(name)}</text>${bars.join('')}`
    })
    .join('\n')
}

interface Bars {
  title: string
  className: string
  values: { at: number; value: number; title: string }[]
  widthMs: number
}

export function drawBars(chart: Chart, { title, className, values, widthMs }: Bars): string {
  const { x, top, height } = chart
  const most = Math.max(1, ...values.map(({ value }) => value))
  const bars = values.map((bar) => {
    const size = (height * bar.value) / most
    const width = place(Math.max(1, x(bar.at + widthMs) - x(bar.at)))
    return `<rect class="${className}" x="${place(x(bar.at))}" y="${place(top + height - size)}" width="${width}" height="${place(size)}"><title>${escapeHtml(bar.title)}</title></rect>`
  })
  return `${drawAxis(chart, title, Math.round(most).toLocaleString('en'))}${bars.join('')}`
}

interface Lines {
  title: string
  lines: { className: string; values: (number | null)[] }[]
}

/** Lines over a logarithmic scale from 1 up; where nothing is known there is no line. */
export function drawLine(chart: Chart, { title, lines }: Lines): string {
  const { x, top, height } = chart
  const most = Math.max(10, ...lines.flatMap(({ values }) => values.map((value) => value ?? 0)))
  const y = (value: number) => top + height - (height * Math.log(Math.max(1, value))) / Math.log(most)
  const paths = lines.map(({ className, values }) => {
    let isDown = false
    const steps = values.flatMap((value, second) => {
      const step =
        value === null ? [] : [`${isDown ? 'L' : 'M'}${place(x(second * 1000 + 500))} ${place(y(value))}`]
      isDown = value !== null
      return step
    })
    return `<path class="${className}" d="${steps.join('')}"/>`
  })
  return `${drawAxis(chart, title, Math.round(most).toLocaleString('en'))}${paths.join('')}`
}

function drawAxis({ left, right, top, height }: Chart, title: string, most: string): string {
  const bottom = top + height
  return `<text x="${left - 10}" y="${top + height / 2}" text-anchor="end">${escapeHtml(title)}</text>
<text class="muted" x="${left - 10}" y="${top + 10}" text-anchor="end">${most}</text>
<line class="grid" x1="${left}" x2="${right}" y1="${bottom}" y2="${bottom}"/>`
}
