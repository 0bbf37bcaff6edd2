import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { MigrationList } from '@prisma/schema-engine-wasm'

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
