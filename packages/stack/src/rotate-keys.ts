import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inRoot, readConfig, readEnvironment, type StackConfig } from './config.ts'
import { readSecrets } from './data-directory/prepare-data-directory.ts'
import { StartFailure } from './start-failure.ts'

/**
 * `npm run keys:rotate`: finds the users database, of the stack that runs here or of
 * USERS_DATABASE_URL, and has the users service rotate its signing keys there.
 */
interface UsersServiceSettings {
  DATABASE_URL: string
  SECRETS_KEY: string
}

/** The users database of a stack, and the key to its secrets. */
export async function findUsersService({
  dataDirectory,
  usersDatabaseUrl,
  environment,
}: StackConfig): Promise<UsersServiceSettings> {
  const given = environment['SECRETS_KEY']
  if (usersDatabaseUrl && given) return { DATABASE_URL: usersDatabaseUrl, SECRETS_KEY: given }
  if (!(await readFile(join(dataDirectory, 'secrets.json')).catch(() => undefined))) {
    throw new StartFailure(
      `${dataDirectory} holds no Finnigram: set FINNIGRAM_HOME to its folder, or USERS_DATABASE_URL and SECRETS_KEY.`,
    )
  }
  const { usersPassword, secretsKey } = await readSecrets(dataDirectory)
  return {
    DATABASE_URL:
      usersDatabaseUrl ??
      `postgresql://users:${usersPassword}@127.0.0.1:${await portOf(dataDirectory)}/users`,
    SECRETS_KEY: given || secretsKey,
  }
}

/** The port of the embedded PostgreSQL: the fourth line of its `postmaster.pid`. */
async function portOf(dataDirectory: string): Promise<number> {
  const text = await readFile(join(dataDirectory, 'postgres', 'postmaster.pid'), 'utf8').catch(() => '')
  const port = Number(text.split('\n')[3])
  if (Number.isInteger(port) && port > 0) return port
  throw new StartFailure(
    `The Finnigram in ${dataDirectory} does not run: start it first, with \`npm start\`.`,
  )
}

if (import.meta.main) {
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
}
