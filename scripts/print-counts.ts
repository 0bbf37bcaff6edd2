import type { TestCounts } from './run-tests.ts'

/** Ends a test command: says what failed, and as its last line how many passed and failed; sets the exit code. */
export function printCounts(runs: readonly TestCounts[], begun: number): void {
  const failures = runs.flatMap((run) => run.failures)
  const passed = runs.reduce((sum, run) => sum + run.passed, 0)
  process.stdout.write(`\nAll of it took ${Math.round((Date.now() - begun) / 1000)} s.\n`)
  for (const failure of failures) process.stdout.write(`✗ ${failure}\n`)
  process.stdout.write(`${passed} passed, ${failures.length} failed\n`)
  process.exitCode = failures.length === 0 ? 0 : 1
}
