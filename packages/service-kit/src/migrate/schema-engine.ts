import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { MigrationList, SchemaEngine } from '@prisma/schema-engine-wasm'

/**
 * Runs `work` with Prisma's schema engine (WebAssembly) on a PostgreSQL database. There is no
 * statement timeout: a migration takes what it takes. The engine is loaded here only, when it is
 * needed.
 */
export async function withSchemaEngine<T>(
  url: string,
  work: (engine: SchemaEngine) => Promise<T>,
): Promise<T> {
  const [{ SchemaEngine }, { bindMigrationAwareSqlAdapterFactory }, { createSchemaAdapter }] =
    await Promise.all([
      import('@prisma/schema-engine-wasm'),
      import('@prisma/driver-adapter-utils'),
      import('./schema-adapter.ts'),
    ])
  Reflect.set(globalThis, 'PRISMA_WASM_PANIC_REGISTRY', { set_message: reportPanic })
  const adapter = createSchemaAdapter(url)
  try {
    using engine = await SchemaEngine.new(
      { datamodels: undefined },
      () => {},
      bindMigrationAwareSqlAdapterFactory(adapter),
    )
    return await work(engine)
  } finally {
    await adapter.end()
  }
}

/** The engine calls this before it traps; without it, all that is seen is "unreachable". */
function reportPanic(message: string): never {
  throw new Error(`Prisma's schema engine gave up: ${message}`)
}

/** No table or enum is left to another tool. */
export const noFilters = { externalTables: [], externalEnums: [] }

/** The migrations of a folder in Prisma's layout, oldest first. */
export async function readMigrations(dir: string): Promise<MigrationList> {
  const entries = await readdir(dir, { withFileTypes: true })
  const names = entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort()
  const migrationDirectories = await Promise.all(
    names.map(async (name) => ({
      path: name,
      migrationFile: { path: 'migration.sql', content: await readSql(join(dir, name, 'migration.sql')) },
    })),
  )
  const lockfile = {
    path: 'migration_lock.toml',
    content: await readFile(join(dir, 'migration_lock.toml'), 'utf8'),
  }
  return { baseDir: dir, lockfile, shadowDbInitScript: '', migrationDirectories }
}

async function readSql(path: string) {
  try {
    return { tag: 'ok' as const, value: await readFile(path, 'utf8') }
  } catch (error) {
    return { tag: 'error' as const, value: String(error) }
  }
}

/**
 * The SQL that leads from the migrations to the Prisma schema; empty where they agree. `url` is any
 * database of a server that may create databases: the migrations run in a temporary one.
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
