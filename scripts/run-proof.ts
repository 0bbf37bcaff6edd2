import type { TestCounts } from './run-tests.ts'
import { runTool } from './run-tool.ts'

/** Runs the proof for a minute, by the seed that every run has; it counts as one test. */
export async function runProof(): Promise<TestCounts> {
  const args = ['proof/main.ts', '--seconds', '60', '--seed', '1']
  const { ok } = await runTool('node', args, { isShown: true })
  return ok
    ? { passed: 1, failures: [] }
    : { passed: 0, failures: ['npm run proof -- --seconds 60 --seed 1: see above'] }
}
