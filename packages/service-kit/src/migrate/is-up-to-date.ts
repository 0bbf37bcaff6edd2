import { createHash } from 'node:crypto'
import type { MigrationDirectory } from '@prisma/schema-engine-wasm'
import type pg from 'pg'

/** Whether every migration was applied as it reads today: a look at Prisma's table, so that an ordinary start need not load the engine. */
export async function isUpToDate(
  client: pg.Client,
  migrations: readonly MigrationDirectory[],
): Promise<boolean> {
  const { rows: tables } = await client.query<{ found: boolean }>(
    `SELECT to_regclass('_prisma_migrations') IS NOT NULL AS found`,
  )
  if (!tables[0]?.found) return false
  const { rows } = await client.query<{ migration_name: string; checksum: string }>(
    'SELECT migration_name, checksum FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL',
  )
  const applied = new Map(rows.map(({ migration_name: name, checksum }) => [name, checksum]))
  return migrations.every(
    ({ path, migrationFile: { content } }) =>
      content.tag === 'ok' && applied.get(path) === createHash('sha256').update(content.value).digest('hex'),
  )
}
