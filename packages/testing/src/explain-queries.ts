import type pg from 'pg'

/** A statement that reads all of a table (or of an index) to find its rows. */
export interface FullRead {
  table: string
  /** What the planner does, such as `Seq Scan`. */
  how: string
  sql: string
}

export interface QueryExplainer {
  /** The distinct statements seen so far. */
  readonly statements: readonly string[]
  /**
   * Asks the planner, over fresh statistics, how it would run each statement with the values it was
   * run with. `except` names tables that stay small, whose reading costs nothing. What SQL
   * functions do inside is not seen.
   */
  findFullReads(options?: { except?: readonly string[] }): Promise<FullRead[]>
}

/** Values kept of each statement: another value may make another plan. */
const samples = 4

/**
 * Remembers every statement that goes through `pool` from now on, Prisma's too, for a test of their
 * plans over a filled database.
 */
export function explainQueries(pool: pg.Pool): QueryExplainer {
  const seen = new Map<string, unknown[][]>()
  const watched = new WeakSet<pg.PoolClient>()
  const watch = (client: pg.PoolClient) => {
    if (watched.has(client)) return
    watched.add(client)
    const query: unknown = client.query
    if (typeof query !== 'function') return
    Object.assign(client, {
      query(...args: unknown[]): unknown {
        remember(seen, args)
        return Reflect.apply(query, client, args)
      },
    })
  }
  pool.on('acquire', watch)
  return {
    get statements() {
      return [...seen.keys()]
    },
    async findFullReads({ except = [] } = {}) {
      pool.off('acquire', watch)
      const known = [...seen]
      await pool.query('ANALYZE')
      const found: FullRead[] = []
      for (const [sql, uses] of known) {
        for (const values of uses) found.push(...fullReads(await explain(pool, sql, values), sql))
      }
      pool.on('acquire', watch)
      return distinct(found.filter(({ table }) => !except.includes(table)))
    },
  }
}

function remember(seen: Map<string, unknown[][]>, [first, second]: unknown[]): void {
  const isConfig = typeof first === 'object' && first !== null
  const sql = isConfig && 'text' in first ? first.text : first
  const own = isConfig && 'values' in first ? first.values : undefined
  const values = Array.isArray(second) ? second : own
  if (typeof sql !== 'string' || !/^\s*(SELECT|INSERT|UPDATE|DELETE|MERGE|WITH)\b/i.test(sql)) return
  const uses = seen.get(sql) ?? []
  seen.set(sql, uses)
  if (uses.length < samples) uses.push(Array.isArray(values) ? values : [])
}

interface PlanNode {
  'Node Type': string
  'Relation Name'?: string
  'Index Cond'?: string
  Plans?: PlanNode[]
}

async function explain(pool: pg.Pool, sql: string, values: unknown[]): Promise<PlanNode> {
  const text = `EXPLAIN (FORMAT JSON) ${sql}`
  const { rows } = await pool
    .query<{ 'QUERY PLAN': { Plan: PlanNode }[] }>(text, values)
    .catch((cause) => Promise.reject(new Error(`Cannot be explained: ${sql}`, { cause })))
  const plan = rows[0]?.['QUERY PLAN'][0]?.Plan
  if (!plan) throw new Error(`Has no plan: ${sql}`)
  return plan
}

/** Below a LIMIT, going along an index in its order ends after a page. */
function fullReads(node: PlanNode, sql: string, isLimited = false): FullRead[] {
  const how = node['Node Type']
  const limited = isLimited || how === 'Limit'
  const inner = (node.Plans ?? []).flatMap((plan) => fullReads(plan, sql, limited))
  const isFull =
    how === 'Seq Scan' || (/^Index (Only )?Scan$/.test(how) && node['Index Cond'] === undefined && !limited)
  return isFull ? [{ table: node['Relation Name'] ?? '', how, sql }, ...inner] : inner
}

const distinct = (reads: FullRead[]) => [
  ...new Map(reads.map((read) => [`${read.table} ${read.how} ${read.sql}`, read])).values(),
]
