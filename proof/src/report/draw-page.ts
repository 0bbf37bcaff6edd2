import type { Report } from './report.ts'

/** A page that says it all. */
export function drawPage(report: Report): string {
  return `<!doctype html><pre>${JSON.stringify(report, null, 1)}</pre>`
}
