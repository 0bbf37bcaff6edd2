import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createDatabase, startPostgres } from '@finnigram/testing'
import { expect, test } from 'vitest'
import { createMetrics, diffMigrations, migrate, openPool } from '../src/index.ts'
import { testLog } from './serve.ts'
import { startWire } from './start-wire.ts'

const prisma = fileURLToPath(new URL('fixtures/prisma', import.meta.url))
const dir = join(prisma, 'migrations')
const log = testLog()
const names = ['20260101000000_outbox', '20260102000000_parked']

/** Without what follows the first: that stands on it. */
const dropLater = (copy: string) => rm(join(copy, '20260102000000_parked'), { recursive: true })

async function copyOfMigrations() {
  const copy = await mkdtemp(join(tmpdir(), 'finnigram-migrations-'))
  await cp(dir, copy, { recursive: true })
  return { dir: copy, [Symbol.asyncDispose]: () => rm(copy, { recursive: true }) }
}

test('an empty database is migrated once, however many processes start at once', async () => {
  const url = await createDatabase()
  const applied = await Promise.all(Array.from({ length: 3 }, () => migrate({ url, dir, log })))
  expect(applied.flat()).toEqual(names)
  expect(await migrate({ url, dir, log })).toEqual([])
  await using pool = openPool({ url, name: 'test', log })
  expect((await pool.query('SELECT count(*)::int AS n FROM outbox')).rows).toEqual([{ n: 0 }])
})

test('a migration that was changed after it was applied stops the start', async () => {
  const url = await createDatabase()
  await using copy = await copyOfMigrations()
  await migrate({ url, dir: copy.dir, log })
  const file = join(copy.dir, '20260101000000_outbox/migration.sql')
  await writeFile(file, `${await readFile(file, 'utf8')}\n-- changed`)
  await expect(migrate({ url, dir: copy.dir, log })).rejects.toThrow('20260101000000_outbox')
})

test('a failing migration is named, and again at the next start', async () => {
  const url = await createDatabase()
  await using copy = await copyOfMigrations()
  await writeFile(join(copy.dir, '20260101000000_outbox/migration.sql'), 'CREATE TABLE broken (nonsense);')
  await expect(migrate({ url, dir: copy.dir, log })).rejects.toThrow('20260101000000_outbox')
  await expect(migrate({ url, dir: copy.dir, log })).rejects.toThrow('20260101000000_outbox')
})

test('a database that is not up yet is waited for, until aborted', async () => {
  await using postgres = await startPostgres()
  await postgres.stop()
  const stopping = new AbortController()
  const never = migrate({ url: postgres.url, dir, log, signal: stopping.signal })
  stopping.abort()
  await expect(never).rejects.toThrow('aborted')
  const migrated = migrate({ url: postgres.url, dir, log })
  await new Promise((resolve) => setTimeout(resolve, 200))
  await postgres.start()
  expect(await migrated).toEqual(names)
})

test('migrations and schema agree on the outbox, and a difference is found', async () => {
  const url = await createDatabase()
  const schemaFiles = [join(prisma, 'schema.prisma')]
  expect(await diffMigrations({ dir, schemaFiles, url })).toBe('')
  await using copy = await copyOfMigrations()
  await dropLater(copy.dir)
  await writeFile(
    join(copy.dir, '20260101000000_outbox/migration.sql'),
    'CREATE TABLE other (id int PRIMARY KEY);',
  )
  expect(await diffMigrations({ dir: copy.dir, schemaFiles, url })).toContain('CREATE TABLE "outbox"')
})

test('a migration may hold functions, whose bodies have semicolons of their own', async () => {
  const url = await createDatabase()
  await using copy = await copyOfMigrations()
  await dropLater(copy.dir)
  const body =
    "CREATE FUNCTION one() RETURNS int LANGUAGE plpgsql AS $$ BEGIN PERFORM 'a;b'; RETURN 1; END $$;"
  await writeFile(join(copy.dir, '20260101000000_outbox/migration.sql'), `${body}\nCREATE TABLE t (id int);`)
  await migrate({ url, dir: copy.dir, log })
  await using pool = openPool({ url, name: 'test', log })
  expect((await pool.query('SELECT one() AS one, (SELECT count(*)::int FROM t) AS n')).rows).toEqual([
    { one: 1, n: 0 },
  ])
})

test('the outbox that services copy is the one tested here', async () => {
  const here = await readFile(join(dir, '20260101000000_outbox/migration.sql'), 'utf8')
  const offered = await readFile(new URL('../src/outbox/outbox.sql', import.meta.url), 'utf8')
  expect(here).toBe(offered)
})

test('a PostgreSQL that is too old is refused with its version, and nothing is changed in it', async () => {
  const url = await createDatabase()
  await using wire = await startWire(url)
  const metrics = createMetrics('test')
  await migrate({ url: wire.url, dir, log, metrics })
  expect(await metrics.registry.metrics()).toMatch(/^postgres_info\{version="18\..*"\} 1$/m)
  const other = await createDatabase()
  await using old = await startWire(other)
  old.rewrite('18.', '14.')
  await expect(migrate({ url: old.url, dir, log })).rejects.toThrow(
    /^PostgreSQL 14\..* is too old: version 15 or later is needed\.$/,
  )
  await using pool = openPool({ url: other, name: 'test', log })
  expect((await pool.query(`SELECT to_regclass('outbox') AS found`)).rows).toEqual([{ found: null }])
})
