import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createDatabase } from '@finnigram/testing'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'

const service = join(import.meta.dirname, '..')

let client: pg.Client

beforeAll(async () => {
  const connectionString = await createDatabase({ migrations: join(service, 'prisma/migrations') })
  client = new pg.Client({ connectionString })
  await client.connect()
})
afterAll(() => client.end())

/**
 * `send_messages` and its later versions, such as `send_messages_2`, are in `send-messages.sql`.
 */
const fileOf = (name: string) => `${name.replace(/_\d+$/, '').replaceAll('_', '-')}.sql`

interface DatabaseFunction {
  name: string
  definition: string
  /** Whether the transaction under way has written it. */
  isWritten: boolean
}

async function listFunctions(): Promise<DatabaseFunction[]> {
  const { rows } = await client.query<DatabaseFunction>(
    `SELECT proname AS name, pg_get_functiondef(oid) AS definition,
  coalesce(xmin = pg_current_xact_id_if_assigned()::xid, false) AS "isWritten"
FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY oid`,
  )
  return rows
}

const definitionsOf = (functions: DatabaseFunction[]) => functions.map(({ definition }) => definition)

test('sql/ holds every database function as the migrations leave it', async () => {
  const migrated = await listFunctions()
  const files = (await readdir(join(service, 'sql'))).sort()
  expect(files).toEqual([...new Set(migrated.map(({ name }) => fileOf(name)))].sort())
  for (const file of files) {
    await client.query('BEGIN')
    await client.query(await readFile(join(service, 'sql', file), 'utf8'))
    const after = await listFunctions()
    await client.query('ROLLBACK')
    const written = after.filter(({ isWritten }) => isWritten).map(({ name }) => name)
    expect(written).toEqual(migrated.map(({ name }) => name).filter((name) => fileOf(name) === file))
    expect(definitionsOf(after), `sql/${file}`).toEqual(definitionsOf(migrated))
  }
})
