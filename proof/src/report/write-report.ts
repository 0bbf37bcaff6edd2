import { mkdir, writeFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import type { Evidence } from '../history/history.ts'
import { drawPage } from './draw-page.ts'
import type { Report } from './report.ts'
import { writeEvidence } from './write-history.ts'

/** Writes a run's report as JSON and as a page, and its evidence where it is given. Returns the folder. */
export async function writeReport(report: Report, evidence: Evidence | undefined): Promise<string> {
  const { seed, seconds, out } = report.options
  const folder = resolve(out, `seed-${seed}-${seconds}s`)
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'report.json'), JSON.stringify(report, null, 2))
  await writeFile(join(folder, 'report.html'), drawPage(report))
  if (evidence) await writeEvidence(join(folder, 'evidence.json'), evidence)
  return relative(process.cwd(), folder) || '.'
}
