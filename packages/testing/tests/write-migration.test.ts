import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const script = fileURLToPath(new URL('../src/write-migration.ts', import.meta.url))
const schemaOf = (fields: string) =>
  `datasource db {\n  provider = "postgresql"\n}\n\nmodel Thing {\n  id String @id\n${fields}\n}\n`

test('the next migration is written from what the schema has and the migrations lack', {
  timeout: 60_000,
}, async () => {
  const dir = await mkdtemp(join(tmpdir(), 'finnigram-service-'))
  const write = (name: string) => promisify(execFile)(process.execPath, [script, name], { cwd: dir })
  const migrations = async () =>
    (await readdir(join(dir, 'prisma/migrations'))).filter((name) => /^\d{14}_/.test(name)).sort()
  const sqlOf = async (name = '') => readFile(join(dir, 'prisma/migrations', name, 'migration.sql'), 'utf8')
  await mkdir(join(dir, 'prisma'))
  await writeFile(join(dir, 'prisma/schema.prisma'), schemaOf(''))
  await write('things')
  expect(await sqlOf((await migrations())[0])).toContain('CREATE TABLE "Thing"')

  await writeFile(join(dir, 'prisma/schema.prisma'), schemaOf('  title String?'))
  await new Promise((resolve) => setTimeout(resolve, 1000))
  await write('add_title')
  const [, second] = await migrations()
  expect(second).toMatch(/_add_title$/)
  expect(await sqlOf(second)).toMatch(/ADD COLUMN\s+"title" TEXT/)

  await expect(write('Bad Name')).rejects.toThrow('snake_case')
  await rm(dir, { recursive: true })
})
