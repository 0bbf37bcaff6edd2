import { spawn } from 'node:child_process'
import { readConfig } from './config.ts'
import { readEnvironment } from './environment.ts'
import { findUsersService } from './data-directory/find-users-service.ts'
import { inRoot } from './root.ts'
import { StartFailure } from './start-failure.ts'

/** `npm run keys:rotate`: finds the users database, of the stack that runs here or of USERS_DATABASE_URL, and rotates its signing keys. */
try {
  const environment = await findUsersService(readConfig(readEnvironment()))
  const child = spawn(
    process.execPath,
    [inRoot('services', 'users', 'src', 'rotate-keys.ts'), ...process.argv.slice(2)],
    { stdio: 'inherit', env: { PATH: process.env['PATH'], ...environment } },
  )
  child.once('close', (code) => {
    process.exitCode = code ?? 1
  })
} catch (error) {
  if (!(error instanceof StartFailure)) throw error
  process.stderr.write(`\n  ${error.message}\n\n`)
  process.exitCode = 1
}
