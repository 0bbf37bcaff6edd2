import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import pg from 'pg'
import { expect, test } from 'vitest'
import { endOrphans, listProcesses } from '../src/data-directory/orphan-processes.ts'
import type { Databases } from '../src/start-databases.ts'
import { makeDataDirectory } from './make-data-directory.ts'
import { startDatabasesForTest } from './start-databases-for-test.ts'

test('data survives a clean stop', async () => {
  await using directory = await makeDataDirectory()
  {
    await using databases = await startDatabasesForTest(directory.path)
    await remember(databases.links, 'kept')
  }
  expect(await listProcesses(directory.path)).toEqual([])
  await using databases = await startDatabasesForTest(directory.path)
  expect(await recall(databases.links)).toEqual(['kept', 'kept'])
})

test('after kill -9 of the whole stack the next start ends orphans and finds its data', async () => {
  await using directory = await makeDataDirectory()
  const first = spawn(process.execPath, [
    join(import.meta.dirname, 'programs/run-databases.ts'),
    directory.path,
  ])
  await remember(await linksFrom(first), 'kept')
  await new Promise((resolve) => setTimeout(resolve, 1_100))
  first.kill('SIGKILL')
  await once(first, 'close')
  expect((await listProcesses(directory.path)).map(({ name }) => name).sort()).toEqual(['postgres', 'redis'])
  await endOrphans(directory.path)
  await using databases = await startDatabasesForTest(directory.path)
  expect(await recall(databases.links)).toEqual(['kept', 'kept'])
})

test('kill -9 of PostgreSQL and of Redis is repaired under the same address', async () => {
  await using directory = await makeDataDirectory()
  await using databases = await startDatabasesForTest(directory.path)
  await remember(databases.links, 'kept')
  await new Promise((resolve) => setTimeout(resolve, 1_100))
  for (const process of databases.processes) await process.kill('SIGKILL')
  for (const process of databases.processes) await process.healthy(20_000)
  expect(await recall(databases.links)).toEqual(['kept', 'kept'])
})

test('a postmaster.pid whose number belongs to another program does not stop a start', async () => {
  await using directory = await makeDataDirectory()
  const path = join(directory.path, 'postgres', 'postmaster.pid')
  let stale: string
  {
    await using _databases = await startDatabasesForTest(directory.path)
    stale = await readFile(path, 'utf8')
  }
  await writeFile(path, stale.replace(/^\d+/, String(process.pid)))
  await using databases = await startDatabasesForTest(directory.path)
  expect(databases.processes).toHaveLength(2)
})

test('nothing that people write reaches the log, and their files are theirs alone', async () => {
  await using directory = await makeDataDirectory()
  {
    await using databases = await startDatabasesForTest(directory.path)
    const client = new pg.Client({ connectionString: databases.links.usersDatabase })
    await client.connect()
    await client.query('CREATE TABLE notes (note text PRIMARY KEY)')
    await client.query('INSERT INTO notes VALUES ($1)', ['a-secret'])
    await expect(client.query('INSERT INTO notes VALUES ($1)', ['a-secret'])).rejects.toThrow('duplicate')
    await client.query('SELECT pg_sleep(1.1), $1::text', ['a-secret'])
    await client.end()
  }
  const log = await readFile(join(directory.path, 'logs', 'postgres.log'), 'utf8')
  expect(log).toContain('pg_sleep')
  expect(log).toContain('duplicate key')
  expect(log).not.toContain('a-secret')
  expect((await stat(join(directory.path, 'files'))).mode & 0o777).toBe(0o700)
})

test('each service enters its own database only', async () => {
  await using directory = await makeDataDirectory()
  await using databases = await startDatabasesForTest(directory.path)
  const elsewhere = databases.links.usersDatabase.replace(/users$/, 'messages')
  await expect(query(elsewhere, 'SELECT 1')).rejects.toThrow(/permission denied for database "messages"/)
})

test('text is UTF-8, sorted the same on every system, and letters of every script are letters', async () => {
  await using directory = await makeDataDirectory()
  await using databases = await startDatabasesForTest(directory.path)
  const url = databases.links.messagesDatabase
  expect(
    await query(
      url,
      "SELECT datlocprovider::text || datlocale || pg_encoding_to_char(encoding) AS it FROM pg_database WHERE datname = 'messages'",
    ),
  ).toBe('bC.UTF-8UTF8')
  await query(url, 'CREATE EXTENSION pg_trgm')
  expect(await query(url, "SELECT show_trgm('жук')::text AS it")).not.toBe('{}')
  expect(await query(url, "SELECT lower('ÀΣ') AS it")).toBe('àσ')
  expect(
    await query(url, "SELECT current_setting('synchronous_commit') || current_setting('fsync') AS it"),
  ).toBe('onon')
})

test('a secrets.json of other databases fails the start', async () => {
  await using directory = await makeDataDirectory()
  {
    await using _databases = await startDatabasesForTest(directory.path)
  }
  const path = join(directory.path, 'secrets.json')
  const secrets = JSON.parse(await readFile(path, 'utf8')) as object
  await writeFile(path, JSON.stringify({ ...secrets, postgresPassword: 'another' }))
  await expect(startDatabasesForTest(directory.path)).rejects.toThrow(
    /passwords in secrets\.json.*restore the file/,
  )
  expect(await listProcesses(directory.path)).toEqual([])
})

type Links = Databases['links']

async function linksFrom(child: ChildProcess): Promise<Links> {
  const [chunk] = await once(child.stdout ?? child, 'data')
  return JSON.parse(String(chunk)) as Links
}

async function remember({ usersDatabase, redis }: Links, word: string) {
  await query(usersDatabase, 'CREATE TABLE memory (it text)')
  await query(usersDatabase, `INSERT INTO memory VALUES ('${word}')`)
  const client = new Redis(redis)
  await client.set('it', word)
  await client.quit()
}

async function recall({ usersDatabase, redis }: Links) {
  const client = new Redis(redis)
  const fromRedis = await client.get('it')
  await client.quit()
  return [await query(usersDatabase, 'SELECT it FROM memory'), fromRedis]
}

async function query(url: string, sql: string): Promise<unknown> {
  const client = new pg.Client(url)
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query(sql)).rows[0]?.it
  } finally {
    await client.end()
  }
}
