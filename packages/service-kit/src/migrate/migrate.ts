import type pg from 'pg'
import { ConfigError } from '../config.ts'
import type { Logger } from '../logger/logger.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { compareApplied } from './compare-applied.ts'
import { readMigrations } from './read-migrations.ts'
import { noFilters, withSchemaEngine } from './schema-engine.ts'
import { waitForDatabase } from './wait-for-database.ts'

/** "migr" in ASCII: the advisory lock under which one process of a service migrates while the others wait. */
const lockKey = 0x6d696772
/** The oldest that is still maintained. What `npm start` brings, and what is tested, is 18. */
const neededMajor = 15

export interface MigrateOptions {
  url: string
  /** The folder of migrations, in Prisma's layout. */
  dir: string
  log: Logger
  /** Shows which PostgreSQL it is. */
  metrics?: Metrics
  /** Ends the waiting for a database that does not come. */
  signal?: AbortSignal | undefined
}

/**
 * Brings a database up to date with Prisma's own engine, so that Prisma's command line agrees on what was applied.
 * Waits for a database that is not up yet; any number of processes may call this at once. Returns what was applied.
 * Rejects where PostgreSQL is too old, or a migration fails or was changed after it was applied.
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

/** Asks a PostgreSQL for its version and shows it. Throws where that is too old. */
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
