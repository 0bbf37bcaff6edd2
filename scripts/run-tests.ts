import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { runTool } from './run-tool.ts'

export interface TestCounts {
  passed: number
  /** What failed, by name, with the first words of why. */
  failures: string[]
}

interface JsonReport {
  numPassedTests: number
  testResults: FileReport[]
}

interface FileReport {
  name: string
  status: string
  message: string
  assertionResults: { status: string; fullName: string; failureMessages: string[] | null }[]
}

/** Runs Vitest with `args` and counts its tests; a run that broke counts as one failure. */
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
    if (!report) return { passed: 0, failures: [`vitest ${args.join(' ')} left no report`] }
    const failures = report.testResults.flatMap(failuresOf)
    // An error outside every test (an unhandled rejection) fails the run without failing a test.
    if (failures.length === 0 && !ok) failures.push('an error outside every test: see above')
    return { passed: report.numPassedTests, failures }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A file that fails as a whole (it could not be loaded, or a hook failed) counts as one failure. */
function failuresOf({ name, status, message, assertionResults }: FileReport): string[] {
  const path = relative(process.cwd(), name)
  const failed = assertionResults.filter((result) => result.status === 'failed')
  if (failed.length === 0) return status === 'failed' ? [`${path}: ${firstLine(message)}`] : []
  return failed.map(
    ({ fullName, failureMessages }) => `${path} > ${fullName}: ${firstLine(failureMessages?.[0] ?? '')}`,
  )
}

const firstLine = (text: string) => text.split('\n', 1)[0] ?? ''

function readReport(path: string): JsonReport | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as JsonReport
  } catch {
    return undefined
  }
}
