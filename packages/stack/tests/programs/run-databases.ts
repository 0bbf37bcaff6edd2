import { readConfig } from '../../src/config.ts'
import { prepareDataDirectory, readSecrets } from '../../src/data-directory/prepare-data-directory.ts'
import { silent } from '../../src/progress.ts'
import { startDatabases } from '../../src/start-databases.ts'

/** Starts PostgreSQL and Redis on a directory and says where they are, until it is killed. */
const config = readConfig({ ...process.env, FINNIGRAM_HOME: process.argv[2] })
await prepareDataDirectory(config.dataDirectory)
const { links } = await startDatabases({
  config,
  secrets: await readSecrets(config.dataDirectory),
  progress: silent,
  signal: new AbortController().signal,
  onCrash: undefined,
})
process.stdout.write(`${JSON.stringify(links)}\n`)
