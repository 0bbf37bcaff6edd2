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

/**
 * Runs the proof or a benchmark, with the seed or the length that every run has; it counts as one
 * test.
 */
export async function runProgram(name: 'proof' | 'bench', args: readonly string[]): Promise<TestCounts> {
  const { ok } = await runTool('node', [`${name}/main.ts`, ...args], { isShown: true })
  return ok
    ? { passed: 1, failures: [] }
    : { passed: 0, failures: [`npm run ${name} -- ${args.join(' ')}: see above`] }
}

/**
 * Ends a test command: says what failed, and as its last line how many passed and failed; sets the
 * exit code.
 */
export function printCounts(runs: readonly TestCounts[], begun: number): void {
  const failures = runs.flatMap((run) => run.failures)
  const passed = runs.reduce((sum, run) => sum + run.passed, 0)
  process.stdout.write(`\nAll of it took ${Math.round((Date.now() - begun) / 1000)} s.\n`)
  for (const failure of failures) process.stdout.write(`✗ ${failure}\n`)
  process.stdout.write(`${passed} passed, ${failures.length} failed\n`)
  process.exitCode = failures.length === 0 ? 0 : 1
}

/**
 * A file that fails as a whole (it could not be loaded, or a hook failed) counts as one failure.
 */
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
