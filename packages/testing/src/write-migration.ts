import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { diffMigrations } from '@finnigram/service-kit'
import { startPostgres } from './start-postgres.ts'

/**
 * `npm run migration -w services/<service> -- <name>`: writes what `prisma/schema.prisma` has and
 * the migrations lack as the next migration. Run in the service's folder.
 */
async function writeMigration(name: string | undefined): Promise<void> {
  if (!name || !/^[a-z][a-z0-9_]*$/.test(name))
    throw new Error('Name the migration in snake_case, such as add_title')
  const dir = resolve('prisma/migrations')
  await mkdir(dir, { recursive: true })
  await writeFile(join(dir, 'migration_lock.toml'), 'provider = "postgresql"\n')
  const schemas = (await readdir('prisma')).filter((file) => file.endsWith('.prisma'))
  await using postgres = await startPostgres()
  const schemaFiles = schemas.map((file) => resolve('prisma', file))
  const sql = await diffMigrations({ dir, schemaFiles, url: postgres.url })
  if (sql === '') {
    process.stdout.write('The migrations already say what the schema says.\n')
    return
  }
  const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14)
  const folder = join(dir, `${stamp}_${name}`)
  await mkdir(folder)
  await writeFile(join(folder, 'migration.sql'), `${sql}\n`)
  process.stdout.write(`${folder}/migration.sql\n${sql}\n`)
}

await writeMigration(process.argv[2])
