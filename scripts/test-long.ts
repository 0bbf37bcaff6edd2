import { installTestTools } from './install-test-tools.ts'
import { prepareSources } from './prepare-sources.ts'
import { printCounts, runProgram, runTests } from './run-tests.ts'

/** What must hold and takes too long for `npm test`: about a quarter of an hour. */
const begun = Date.now()
installTestTools()
await prepareSources()
const long = ['--mode', 'long', '--passWithNoTests']
const runs = [
  await runTests(long),
  await runTests([...long, '--config', 'e2e/vitest.config.ts']),
  await runProgram('bench', ['--greedy', '--seconds', '6', '--loose']),
  await runProgram('proof', ['--seconds', '180', '--seed', '2']),
]
printCounts(runs, begun)
