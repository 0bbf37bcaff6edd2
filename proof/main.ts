import { readOptions } from './src/run/read-options.ts'
import { runProof } from './src/run/run-proof.ts'

const options = readOptions(process.argv.slice(2))
if (typeof options === 'string') {
  process.stderr.write(`${options}\n`)
  process.exitCode = 2
} else {
  process.exitCode = (await runProof(options)) ? 0 : 1
}
