import { createDatabase, eventually, startPostgres } from '@finnigram/testing'
import { expect, test } from 'vitest'
import { isUnavailable, openPool, withTransaction } from '../src/index.ts'
import { testLog } from './serve.ts'

const open = (url: string, options = {}) => openPool({ url, name: 'test', log: testLog(), ...options })

test('a pool recovers after PostgreSQL restarts, whatever its connections were doing', async () => {
  await using postgres = await startPostgres()
  await using pool = open(postgres.url, { max: 4 })
  await Promise.all(Array.from({ length: 4 }, () => pool.query('SELECT pg_sleep(0.05)')))
  const sleeping = pool.query('SELECT pg_sleep(30)').catch((error) => error)
  const held = await pool.connect()
  await held.query('BEGIN')
  await postgres.stop()
  expect(isUnavailable(await sleeping)).toBe(true)
  const late = await held.query('SELECT 1').catch((error) => error)
  expect(isUnavailable(late)).toBe(true)
  held.release(late)
  expect(isUnavailable(await pool.query('SELECT 1').catch((error) => error))).toBe(true)
  await postgres.start()
  const startedAt = performance.now()
  await eventually(async () => pool.query('SELECT 1'))
  expect(performance.now() - startedAt).toBeLessThan(5000)
  await Promise.all(Array.from({ length: 20 }, () => pool.query('SELECT 1')))
})

test('every wait has a timeout: a slow statement, a lock, a full pool', async () => {
  await using pool = open(await createDatabase(), { max: 2, statementTimeoutMs: 400 })
  const failure = async (work: Promise<unknown>) => {
    const error = await work.then(
      () => undefined,
      (reason) => reason,
    )
    expect(error).toBeInstanceOf(Error)
    return isUnavailable(error)
  }
  expect(await failure(pool.query('SELECT pg_sleep(5)'))).toBe(true)
  await pool.query('CREATE TABLE t (id int)')
  await withTransaction(pool, async (tx) => {
    await tx.query('LOCK TABLE t')
    expect(await failure(pool.query('SELECT * FROM t'))).toBe(true)
  })
})

test('a transaction commits what returns and rolls back what throws, and its connection serves on', async () => {
  await using pool = open(await createDatabase(), { max: 1 })
  await pool.query('CREATE TABLE t (id int)')
  await withTransaction(pool, (tx) => tx.query('INSERT INTO t VALUES (1)'))
  const failed = withTransaction(pool, async (tx) => {
    await tx.query('INSERT INTO t VALUES (2)')
    throw new Error('changed my mind')
  })
  await expect(failed).rejects.toThrow('changed my mind')
  expect((await pool.query('SELECT id FROM t')).rows).toEqual([{ id: 1 }])
})

test('a transaction whose connection is cut fails as unavailable and does not poison the pool', async () => {
  await using pool = open(await createDatabase(), { max: 1 })
  const cut = withTransaction(pool, async (tx) => {
    const { rows } = await tx.query('SELECT pg_backend_pid() AS pid')
    await tx.query('SELECT pg_terminate_backend($1)', [rows[0].pid])
    await tx.query('SELECT 1')
  })
  expect(isUnavailable(await cut.catch((error) => error))).toBe(true)
  expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
})
