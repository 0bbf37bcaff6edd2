import { drawTables } from './draw-tables.ts'
import { drawTimeline } from './draw-timeline.ts'
import { escapeHtml } from './escape-html.ts'
import { pageStyle } from './page-style.ts'
import { type Report, replayCommand } from './report.ts'

/**
 * A run on one page that needs nothing else: what was promised and kept, when what went wrong, and
 * how quickly all was well again.
 */
export function drawPage(report: Report): string {
  const { options, violations } = report
  const { seed, seconds, people, rate } = options
  const isGood = violations.length === 0
  const verdict = isGood ? 'Every promise was kept' : `${violations.length} broken promises`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Finnigram’s proof, seed ${seed}: ${verdict}</title>
<style>${pageStyle}</style>
</head>
<body>
<main>
<header>
<h1>Finnigram’s proof</h1>
<p>Seed ${seed}: ${people} people, about ${rate} sends a second, ${seconds} seconds of faults.</p>
<p class="verdict ${isGood ? 'good' : 'bad'}"><span aria-hidden="true">${isGood ? '✓' : '✗'}</span> ${verdict}</p>
<p>The same schedule and the same decisions again: <code>${escapeHtml(replayCommand(report))}</code></p>
</header>
${drawTimeline(report)}
${drawTables(report)}
</main>
</body>
</html>
`
}
