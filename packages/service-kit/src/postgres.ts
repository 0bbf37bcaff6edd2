import pg from 'pg'
import { within } from './lifecycle/wait.ts'
import type { Logger } from './logger/logger.ts'

export interface PoolOptions {
  url: string
  /** Shown by PostgreSQL as the application's name. */
  name: string
  log: Logger
  /** Connections at most; 10 when not said. */
  max?: number
  /** Longest a statement may run, in milliseconds; 15,000 when not said. */
  statementTimeoutMs?: number
}

/**
 * The one connection pool of a service, for Prisma and for SQL. Every wait has a timeout. It
 * survives restarts of PostgreSQL: broken connections leave the pool, new ones are opened on
 * demand. Disposing waits at most five seconds for connections in use.
 */
export function openPool({
  url,
  name,
  log,
  max = 10,
  statementTimeoutMs = 15_000,
}: PoolOptions): pg.Pool & AsyncDisposable {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: name,
    max,
    connectionTimeoutMillis: 5000,
    idleTimeoutMillis: 60_000,
    statement_timeout: statementTimeoutMs,
    lock_timeout: Math.ceil(statementTimeoutMs / 2),
    idle_in_transaction_session_timeout: 15_000,
    query_timeout: statementTimeoutMs + 2000,
    // Concurrent statements of a connection are sent at once, without waiting for earlier results.
    pipeline: true,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  })
  pool.on('error', (error) => log.warn('PostgreSQL dropped an idle connection', { error }))
  // The pool does not listen to connections in use; an unhandled error would end the process.
  pool.on('connect', (client) => client.on('error', () => {}))
  return Object.assign(pool, {
    async [Symbol.asyncDispose]() {
      if (pool.ending) return
      const inTime = await within(5000, pool.end())
      if (!inTime) log.warn('PostgreSQL connections were still in use at the end')
    },
  })
}

/**
 * Runs `work` in one transaction: committed when it returns, rolled back when it throws. A
 * connection that cannot roll back leaves the pool.
 */
export async function withTransaction<T>(pool: pg.Pool, work: (tx: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  let broken: Error | undefined
  try {
    await client.query('BEGIN')
    const result = await work(client)
    await client.query('COMMIT')
    return result
  } catch (error) {
    broken = await rollBack(client)
    throw error
  } finally {
    client.release(broken)
  }
}

async function rollBack(client: pg.PoolClient): Promise<Error | undefined> {
  try {
    await client.query('ROLLBACK')
    return undefined
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}
