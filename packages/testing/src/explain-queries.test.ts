import { createLogger, openPool, withTransaction } from '@finnigram/service-kit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDatabase } from './create-database.ts'
import { explainQueries } from './explain-queries.ts'

let pool: ReturnType<typeof openPool>
beforeAll(async () => {
  const log = createLogger({ service: 'test', nodeId: 'test' })
  pool = openPool({ url: await createDatabase(), name: 'test', log, max: 2 })
  await pool.query('CREATE TABLE people (id int PRIMARY KEY, name text NOT NULL)')
  await pool.query(`INSERT INTO people SELECT n, 'name ' || n FROM generate_series(1, 20000) n`)
  await pool.query('CREATE TABLE small (id int)')
})
afterAll(() => pool[Symbol.asyncDispose]())

test('statements that use an index are no full reads', async () => {
  const explainer = explainQueries(pool)
  await pool.query('SELECT * FROM people WHERE id = $1', [7])
  await pool.query('SELECT * FROM people ORDER BY id LIMIT 10')
  await withTransaction(pool, (tx) => tx.query('UPDATE people SET name = $2 WHERE id = $1', [7, 'Ada']))

  expect(explainer.statements).toHaveLength(3)
  expect(await explainer.findFullReads()).toEqual([])
})

test('a statement that reads a whole table is found, however it was run', async () => {
  const explainer = explainQueries(pool)
  const one = 'SELECT id FROM people WHERE name = $1'
  const two = 'DELETE FROM people WHERE name = $1'
  const three = 'SELECT id FROM people ORDER BY id'
  await pool.query({ name: 'by-name', text: one, values: ['nobody'] })
  await withTransaction(pool, (tx) => tx.query({ text: two }, ['nobody']))
  await pool.query(three)
  await pool.query('SELECT * FROM small')

  expect(await explainer.findFullReads({ except: ['small'] })).toEqual([
    { table: 'people', how: 'Seq Scan', sql: one },
    { table: 'people', how: 'Seq Scan', sql: two },
    expect.objectContaining({ table: 'people', sql: three }),
  ])
})

test('explaining a statement does not run it', async () => {
  const explainer = explainQueries(pool)
  await withTransaction(pool, async (tx) => {
    await tx.query('DELETE FROM people WHERE id > 19990')
    throw new Error('not after all')
  }).catch(() => {})
  await explainer.findFullReads()
  const { rows } = await pool.query('SELECT count(*)::int AS count FROM people')
  expect(rows).toEqual([{ count: 20_000 }])
})
