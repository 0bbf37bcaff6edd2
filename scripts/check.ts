import { runChecks } from './run-checks.ts'

const results = await runChecks()
const failed = results.filter(({ ok }) => !ok)
process.stdout.write(`\n${results.length - failed.length} passed, ${failed.length} failed\n`)
process.exitCode = failed.length === 0 ? 0 : 1
