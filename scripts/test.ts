import { existsSync } from 'node:fs'
import { installTestTools } from './install-test-tools.ts'
import { runChecks } from './run-checks.ts'
import { runProof } from './run-proof.ts'
import { runTests } from './run-tests.ts'

const begun = Date.now()
installTestTools()
const checks = await runChecks()
const runs = [await runTests([])]
if (existsSync('e2e/vitest.config.ts')) runs.push(await runTests(['--config', 'e2e/vitest.config.ts']))
runs.push(await runProof())

const brokenChecks = checks.filter(({ ok }) => !ok).map(({ name }) => `npm run check: ${name}`)
const failures = [...brokenChecks, ...runs.flatMap((run) => run.failures)]
const passed = checks.filter(({ ok }) => ok).length + runs.reduce((sum, run) => sum + run.passed, 0)
process.stdout.write(`\nAll of it took ${Math.round((Date.now() - begun) / 1000)} s.\n`)
for (const failure of failures) process.stdout.write(`✗ ${failure}\n`)
process.stdout.write(`${passed} passed, ${failures.length} failed\n`)
process.exitCode = failures.length === 0 ? 0 : 1
