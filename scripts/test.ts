import { existsSync } from 'node:fs'
import { installTestTools } from './install-test-tools.ts'
import { runChecks } from './run-checks.ts'
import { printCounts, runProgram, runTests } from './run-tests.ts'

const begun = Date.now()
installTestTools()
const results = await runChecks()
const checks = {
  passed: results.filter(({ ok }) => ok).length,
  failures: results.filter(({ ok }) => !ok).map(({ name }) => `npm run check: ${name}`),
}
const runs = [checks, await runTests([])]
if (existsSync('e2e/vitest.config.ts')) runs.push(await runTests(['--config', 'e2e/vitest.config.ts']))
runs.push(await runProgram('proof', ['--seconds', '60', '--seed', '1']))
printCounts(runs, begun)
