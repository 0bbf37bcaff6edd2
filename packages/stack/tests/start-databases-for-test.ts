import { readConfig } from '../src/config.ts'
import { readSecrets } from '../src/data-directory/prepare-data-directory.ts'
import { silent } from '../src/progress.ts'
import { type Databases, startDatabases } from '../src/start-databases.ts'

/** PostgreSQL and Redis as the stack starts them on `directory`. */
export async function startDatabasesForTest(
  directory: string,
  say?: (line: string) => void,
): Promise<Databases> {
  return startDatabases({
    config: readConfig({ PATH: process.env['PATH'], FINNIGRAM_HOME: directory }),
    secrets: await readSecrets(directory),
    progress: say ? { ...silent, say } : silent,
    signal: new AbortController().signal,
    onCrash: undefined,
  })
}
