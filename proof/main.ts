import { readOptions } from './src/run/read-options.ts'
import { runProof } from './src/run/run-proof.ts'

const options = readOptions(process.argv.slice(2))
if (typeof options === 'string') {
  process.stderr.write(`${options}\n`)
  process.exitCode = 2
} else {
  const isGood = await runProof(options)
  // Clients of devices that were killed wait for disks that never answer, and for servers that are
  // gone.
  process.exit(isGood ? 0 : 1)
}
