import { readConfig } from './config.ts'
import { readEnvironment } from './environment.ts'
import { findServices } from './data-directory/find-services.ts'
import { runParked } from './run-parked.ts'
import { StartFailure } from './start-failure.ts'

/** `npm run parked`: shows what the running services have set aside, and has it tried again or forgotten. */
try {
  const write = (text: string) => process.stdout.write(text)
  process.exitCode = await runParked(process.argv.slice(2), {
    ...(await findServices(readConfig(readEnvironment()))),
    write,
  })
} catch (error) {
  if (!(error instanceof StartFailure)) throw error
  process.stderr.write(`\n  ${error.message}\n\n`)
  process.exitCode = 1
}
