import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runTool } from './run-tool.ts'

export interface TestCounts {
  passed: number
  failed: number
}

interface JsonReport {
  numPassedTests: number
  numFailedTests: number
  success: boolean
  testResults: { status: string; assertionResults: unknown[] }[]
}

/** Runs Vitest with `args` and counts its tests; a file that could not run at all, or a run that broke, counts as one failure. */
export async function runTests(args: string[]): Promise<TestCounts> {
  const folder = mkdtempSync(join(tmpdir(), 'finnigram-test-'))
  const reportPath = join(folder, 'report.json')
  try {
    const { ok } = await runTool(
      'vitest',
      ['run', ...args, '--reporter=default', '--reporter=json', `--outputFile.json=${reportPath}`],
      { isShown: true },
    )
    const report = readReport(reportPath)
    if (!report) return { passed: 0, failed: 1 }
    const broken = report.testResults.filter(
      ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
    ).length
    const failed = report.numFailedTests + broken
    // An error outside every test (an unhandled rejection) fails the run without failing a test.
    return { passed: report.numPassedTests, failed: failed === 0 && !ok ? 1 : failed }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function readReport(path: string): JsonReport | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as JsonReport
  } catch {
    return undefined
  }
}
