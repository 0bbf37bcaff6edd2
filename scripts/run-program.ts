import type { TestCounts } from './run-tests.ts'
import { runTool } from './run-tool.ts'

/** Runs the proof or a benchmark, with the seed or the length that every run has; it counts as one test. */
export async function runProgram(name: 'proof' | 'bench', args: readonly string[]): Promise<TestCounts> {
  const { ok } = await runTool('node', [`${name}/main.ts`, ...args], { isShown: true })
  return ok
    ? { passed: 1, failures: [] }
    : { passed: 0, failures: [`npm run ${name} -- ${args.join(' ')}: see above`] }
}
