import { createHash } from 'node:crypto'
import type { MigrationDirectory } from '@prisma/schema-engine-wasm'
import type pg from 'pg'

/**
 * Compares the migrations with Prisma's table of those applied, so that an ordinary start need not load the engine:
 * whether there is anything to do, and which were changed after they were applied.
 */
export async function compareApplied(
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
