import type pg from 'pg'
import { ConfigError } from '../config/read-env.ts'
import type { Metrics } from '../metrics/create-metrics.ts'

/** The oldest that is still maintained. What `npm start` brings, and what is tested, is 18. */
const neededMajor = 15

/** Asks a PostgreSQL for its version and shows it. Throws where that is too old. */
export async function requirePostgres(client: pg.Client, metrics?: Metrics): Promise<void> {
  const { rows } = await client.query<{ version: string }>(
    `SELECT current_setting('server_version') AS version`,
  )
  const version = rows[0]?.version ?? 'unknown'
  const shown = metrics?.gauge('postgres_info', 'What PostgreSQL says of itself', { labels: ['version'] })
  shown?.set({ version }, 1)
  if (Number.parseInt(version, 10) < neededMajor)
    throw new ConfigError(`PostgreSQL ${version} is too old: version ${neededMajor} or later is needed.`)
}
