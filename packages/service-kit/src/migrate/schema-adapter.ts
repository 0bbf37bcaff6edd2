import { randomUUID } from 'node:crypto'
import { PrismaPg } from '@prisma/adapter-pg'
import {
  ColumnTypeEnum,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
  type SqlQuery,
} from '@prisma/driver-adapter-utils'
import pg from 'pg'

/** PostgreSQL's type "char" (one byte, of the system catalogue) and `text`. */
const charOid = 18
const textOid = 25

/**
 * Prisma's adapter for `pg` with three fixes for the schema engine (@prisma/adapter-pg 7.10.0). It
 * split scripts at every semicolon, which breaks functions. It did not know the type "char", so
 * that no database could be described. Its shadow database was the real one when a URL was given.
 *
 * `end` closes every connection and so releases the engine's own lock, which the pool would hold
 * until its idle timeout.
 */
export function createSchemaAdapter(
  url: string,
): SqlMigrationAwareDriverAdapterFactory & { end(): Promise<void> } {
  const pools = new Set<pg.Pool>()
  const connect = async (to: string) => {
    const pool = new pg.Pool({ connectionString: to, max: 2, connectionTimeoutMillis: 5000 })
    pool.on('error', () => {})
    pools.add(pool)
    const charColumns = noteCharColumns(pool)
    return mend(await new PrismaPg(pool).connect(), charColumns)
  }
  const end = async () => {
    const open = [...pools]
    pools.clear()
    await Promise.all(open.map((pool) => pool.end()))
  }
  return {
    provider: 'postgres',
    adapterName: '@prisma/adapter-pg',
    connect: () => connect(url),
    async connectToShadowDb() {
      const name = `shadow_${randomUUID()}`
      await runOn(url, `CREATE DATABASE "${name}"`)
      const shadowUrl = new URL(url)
      shadowUrl.pathname = `/${name}`
      const shadow = await connect(shadowUrl.href)
      return Object.assign(shadow, { dispose: () => runOn(url, `DROP DATABASE "${name}" WITH (FORCE)`) })
    },
    end,
  }
}

function mend(adapter: SqlDriverAdapter, charColumns: WeakMap<object, number[]>): SqlDriverAdapter {
  const queryRaw = adapter.queryRaw.bind(adapter)
  return Object.assign(adapter, {
    async queryRaw(query: SqlQuery) {
      const result = await queryRaw(query)
      for (const i of charColumns.get(result.rows) ?? []) result.columnTypes[i] = ColumnTypeEnum.Character
      return result
    },
    // Without values the simple protocol is used, which runs many statements in one transaction.
    async executeScript(sql: string) {
      await adapter.executeRaw({ sql, args: [], argTypes: [] })
    },
  })
}

/** Declares "char" columns as text, which the adapter accepts, and notes them by result. */
function noteCharColumns(pool: pg.Pool): WeakMap<object, number[]> {
  const noted = new WeakMap<object, number[]>()
  const query = pool.query.bind(pool) as (config: pg.QueryArrayConfig) => Promise<pg.QueryArrayResult>
  Reflect.set(pool, 'query', async (config: pg.QueryArrayConfig) => {
    const result = await query(config)
    const fields = result.fields ?? []
    const found = fields.flatMap(({ dataTypeID }, i) => (dataTypeID === charOid ? i : []))
    for (const i of found) Object.assign(fields[i] ?? {}, { dataTypeID: textOid })
    if (found.length > 0) noted.set(result.rows, found)
    return result
  })
  return noted
}

async function runOn(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 })
  client.on('error', () => {})
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
