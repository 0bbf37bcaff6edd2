import { createHash } from 'node:crypto'
import { fullJitter } from '@finnigram/admission'
import type { MigrationDirectory } from '@prisma/schema-engine-wasm'
import pg from 'pg'
import { ConfigError } from '../config.ts'
import { pause } from '../lifecycle/wait.ts'
import type { Logger } from '../logger/logger.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { noFilters, readMigrations, withSchemaEngine } from './schema-engine.ts'

/**
 * Migrations: brings a service's database up to date when the service starts.
 *
 * Promise: after it resolves, every migration of the folder is applied, exactly once, however many
 * processes start together. Prisma's own engine applies them, so that Prisma's command line agrees.
 *
 * Procedure:
 *   1. Wait with backoff until PostgreSQL takes connections, and refuse a version that is too old.
 *   2. Take the advisory lock: one process migrates, the others wait.
 *   3. Compare checksums with Prisma's table. Most starts end here, without loading the engine.
 *   4. Apply what is missing (`schema-engine.ts`).
 *
 * It never edits or reverts: a migration that was changed after it was applied ends the start. A
 * migration must let the previous version of the service go on running. `write-migration.ts` makes
 * a new one. Called once by each service's root, before it reports that it has started.
 */
export async function migrate({ url, dir, log, metrics, signal }: MigrateOptions): Promise<string[]> {
  const migrationsList = await readMigrations(dir)
  const client = await waitForDatabase({ url, log, signal })
  try {
    await requirePostgres(client, metrics)
    await client.query('SELECT pg_advisory_lock($1)', [lockKey])
    const { upToDate, changed } = await compareApplied(client, migrationsList.migrationDirectories)
    if (changed.length > 0)
      throw new Error(
        `Changed after they were applied: ${changed.join(', ')}. Write a new migration instead.`,
      )
    if (upToDate) return []
    const { appliedMigrationNames } = await withSchemaEngine(url, (engine) =>
      engine.applyMigrations({ migrationsList, filters: noFilters }),
    )
    log.info('The database is migrated', { applied: appliedMigrationNames })
    return appliedMigrationNames
  } finally {
    await client.end().catch(() => {})
  }
}

export interface MigrateOptions {
  url: string
  /** The folder of migrations, in Prisma's layout. */
  dir: string
  log: Logger
  /** Shows which PostgreSQL it is. */
  metrics?: Metrics
  /** Ends the wait for a database that does not come. */
  signal?: AbortSignal | undefined
}

/** "migr" in ASCII: the advisory lock under which one process migrates. */
const lockKey = 0x6d696772
/** The oldest version that is still maintained. `npm start` brings, and tests run, 18. */
const neededMajor = 15

/** Shows the version of PostgreSQL as a metric. Throws where it is too old. */
async function requirePostgres(client: pg.Client, metrics?: Metrics): Promise<void> {
  const { rows } = await client.query<{ version: string }>(
    `SELECT current_setting('server_version') AS version`,
  )
  const version = rows[0]?.version ?? 'unknown'
  const shown = metrics?.gauge('postgres_info', 'What PostgreSQL says of itself', { labels: ['version'] })
  shown?.set({ version }, 1)
  if (Number.parseInt(version, 10) < neededMajor)
    throw new ConfigError(`PostgreSQL ${version} is too old: version ${neededMajor} or later is needed.`)
}

/**
 * Compares the migrations with Prisma's table: whether all are applied, and which were changed
 * since.
 */
async function compareApplied(
  client: pg.Client,
  migrations: readonly MigrationDirectory[],
): Promise<{ upToDate: boolean; changed: string[] }> {
  const applied = await readApplied(client)
  const isChanged = ({ path, migrationFile: { content } }: MigrationDirectory) =>
    content.tag === 'ok' && applied.has(path) && applied.get(path) !== checksum(content.value)
  return {
    upToDate: migrations.every(({ path }) => applied.has(path)),
    changed: migrations.filter(isChanged).map(({ path }) => path),
  }
}

async function readApplied(client: pg.Client): Promise<Map<string, string>> {
  const { rows: tables } = await client.query<{ found: boolean }>(
    `SELECT to_regclass('_prisma_migrations') IS NOT NULL AS found`,
  )
  if (!tables[0]?.found) return new Map()
  const { rows } = await client.query<{ migration_name: string; checksum: string }>(
    'SELECT migration_name, checksum FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL',
  )
  return new Map(rows.map((row) => [row.migration_name, row.checksum]))
}

function checksum(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/**
 * Waits with backoff until the database takes connections, and returns one; says once what it waits
 * for. Rejects when `signal` aborts.
 */
async function waitForDatabase({
  url,
  log,
  signal,
}: {
  url: string
  log: Logger
  signal?: AbortSignal | undefined
}): Promise<pg.Client> {
  for (let attempt = 0; ; attempt += 1) {
    signal?.throwIfAborted()
    const client = new pg.Client({
      connectionString: url,
      connectionTimeoutMillis: 5000,
      application_name: 'migrate',
    })
    client.on('error', () => {})
    try {
      await client.connect()
      if (attempt > 0) log.info('The database is reachable', { attempts: attempt })
      return client
    } catch (error) {
      await client.end().catch(() => {})
      if (attempt === 0) log.warn('Waiting for the database', { error })
      await pause(50 + fullJitter(attempt, { maxMs: 2000 }), signal)
    }
  }
}
