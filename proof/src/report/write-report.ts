import { mkdir, writeFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import type { RunHistory } from '../history/history.ts'
import { drawPage } from './draw-page.ts'
import type { Report } from './report.ts'
import { writeHistory } from './write-history.ts'

/**
 * Writes a run's report as JSON and as a page, and its history where it is given. Returns the
 * folder.
 */
export async function writeReport(report: Report, history: RunHistory | undefined): Promise<string> {
  const { seed, seconds, out } = report.options
  const folder = resolve(out, `seed-${seed}-${seconds}s`)
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'report.json'), JSON.stringify(report, null, 2))
  await writeFile(join(folder, 'report.html'), drawPage(report))
  if (history) await writeHistory(join(folder, 'history.json'), history)
  return relative(process.cwd(), folder) || '.'
}
