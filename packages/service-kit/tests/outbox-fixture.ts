import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createDatabase, startRedis, type TestRedis } from '@finnigram/testing'
import type pg from 'pg'
import {
  appendToOutbox,
  createMetrics,
  createRelay,
  migrate,
  openPool,
  openRedis,
  type RelayOptions,
  withTransaction,
} from '../src/index.ts'
import { testLog } from './serve.ts'

export const partitions = 4
export const streamOf = (partition: number) => `test:{${partition}}`
const dir = fileURLToPath(new URL(join('fixtures', 'prisma', 'migrations'), import.meta.url))

/** A database with an outbox, and a Redis to publish to. */
export async function startOutbox({ persistent = true } = {}) {
  await using parts = new AsyncDisposableStack()
  const url = await createDatabase()
  await migrate({ url, dir, log: testLog() })
  const server: TestRedis = parts.use(await startRedis({ persistent }))
  const pool = parts.use(openPool({ url, name: 'test', log: testLog(), max: 20 }))
  const redis = parts.use(openRedis({ url: server.url, name: 'test', log: testLog() }))
  await redis.whenUp(5000)
  const kept = parts.move()
  const relay = (options: Partial<RelayOptions> = {}) =>
    createRelay({
      pool,
      redis,
      log: testLog(),
      metrics: createMetrics('test'),
      partitions,
      stream: streamOf,
      pollEveryMs: 100,
      ...options,
    })
  return { url, server, pool, redis, relay, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

/**
 * Commits one event of `key`, numbered by a counter row that is locked meanwhile, as a service does
 * it.
 */
export async function commitNumbered(pool: pg.Pool, key: string): Promise<number[]> {
  return withTransaction(pool, async (tx) => {
    const { rows } = await tx.query<{ n: number }>(
      `INSERT INTO counters (key, n) VALUES ($1, 1) ON CONFLICT (key) DO UPDATE SET n = counters.n + 1 RETURNING n`,
      [key],
    )
    return appendToOutbox(
      tx,
      [{ key, type: 'counted', payload: JSON.stringify({ n: rows[0]?.n }) }],
      partitions,
    )
  })
}

export const createCounters = (pool: pg.Pool) =>
  pool.query('CREATE TABLE counters (key text PRIMARY KEY, n int NOT NULL)')

/** What was published per key, in order of the stream. */
export async function published({
  redis,
}: {
  redis: ReturnType<typeof openRedis>
}): Promise<Map<string, number[]>> {
  const byKey = new Map<string, number[]>()
  for (let partition = 0; partition < partitions; partition += 1) {
    for (const [, fields] of await redis.commands.xrange(streamOf(partition), '-', '+')) {
      const key = fields[fields.indexOf('key') + 1] ?? ''
      const { n } = JSON.parse(fields[fields.indexOf('payload') + 1] ?? '{}')
      byKey.set(key, [...(byKey.get(key) ?? []), n])
    }
  }
  return byKey
}

/**
 * Each number of `from` to `to`, in order of first appearance; a number may come again, but never
 * before one that is smaller and new.
 */
export function firstAppearances(numbers: readonly number[]): number[] {
  return [...new Set(numbers)]
}

export const countTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1)
