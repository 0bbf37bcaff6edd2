import { installTestTools } from './install-test-tools.ts'
import { prepareSources } from './prepare-sources.ts'
import { printCounts, runProgram, runTests } from './run-tests.ts'

/** What must hold and takes too long for `npm test`: about a quarter of an hour. */
const begun = Date.now()
installTestTools()
await prepareSources()
// Without `sockets`: an account that opens sockets without end still has others come later.
const kinds = [
  ...['texts', 'sends', 'edits', 'reactions', 'searches', 'reads', 'pictures', 'half-sent', 'chunks'],
  ...[
    'avatars',
    'groups',
    'no-token',
    'socket-events',
    'pipelined',
    'slow',
    'documents',
    'exports',
    'sign-ins',
  ],
]
const long = ['--mode', 'long', '--passWithNoTests']
const runs = [
  await runTests(long),
  await runTests([...long, '--config', 'e2e/vitest.config.ts']),
  await runProgram('bench', ['--greedy', '--seconds', '6', '--loose', '--kinds', kinds.join()]),
  await runProgram('proof', ['--seconds', '180', '--seed', '2']),
]
printCounts(runs, begun)
