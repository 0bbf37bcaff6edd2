import { readFile } from 'node:fs/promises'
import { readMigrations } from './read-migrations.ts'
import { noFilters, withSchemaEngine } from './schema-engine.ts'

/**
 * The SQL that leads from what the migrations make to what the Prisma schema says; empty where they agree. `url` is any
 * database of a server that may create databases: the migrations run in a passing one of their own.
 */
export async function diffMigrations({
  dir,
  schemaFiles,
  url,
}: {
  dir: string
  schemaFiles: readonly string[]
  url: string
}): Promise<string> {
  const files = await Promise.all(
    schemaFiles.map(async (path) => ({ path, content: await readFile(path, 'utf8') })),
  )
  const migrations = await readMigrations(dir)
  const { stdout } = await withSchemaEngine(url, (engine) =>
    engine.diff({
      from: { tag: 'migrations', ...migrations },
      to: { tag: 'schemaDatamodel', files },
      script: true,
      exitCode: null,
      filters: noFilters,
    }),
  )
  const sql = (stdout ?? '').trim()
  return sql === '-- This is an empty migration.' ? '' : sql
}
