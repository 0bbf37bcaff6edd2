import {
  type Change,
  type Database,
  type KeyRange,
  type Store,
  type Table,
  type Tables,
  tables,
} from './store.ts'

interface Row {
  value: unknown
  version: number | undefined
}
type Rows = Map<Table, Map<string, Row>>

/** A store that ends with the process: for bots, tests, and browsers that refuse storage. */
export function createMemoryStore(): Store {
  const databases = new Map<string, Rows>()
  return {
    async open(userId) {
      const rows = databases.get(userId) ?? emptyRows()
      databases.set(userId, rows)
      return openRows(rows)
    },
    async destroy(userId) {
      for (const table of databases.get(userId)?.values() ?? []) table.clear()
    },
    isDurable: async () => false,
  }
}

function emptyRows(): Rows {
  return new Map(tables.map((table) => [table, new Map<string, Row>()]))
}

function openRows(rows: Rows): Database {
  const of = (table: Table) => rows.get(table) ?? new Map<string, Row>()
  return {
    async get<T extends Table>(table: T, key: string) {
      return of(table).get(key)?.value as Tables[T] | undefined
    },
    async range<T extends Table>(table: T, range: KeyRange = {}) {
      return keysWithin(of(table), range).map((key) => of(table).get(key)?.value as Tables[T])
    },
    async write(changes) {
      for (const change of changes) applyChange(of(change.table), change)
    },
    async close() {},
  }
}

function keysWithin(rows: Map<string, Row>, { from, to, reverse, limit }: KeyRange): string[] {
  const keys = [...rows.keys()]
    .filter((key) => (from === undefined || key >= from) && (to === undefined || key <= to))
    .sort()
  if (reverse) keys.reverse()
  return limit === undefined ? keys : keys.slice(0, limit)
}

function applyChange(rows: Map<string, Row>, change: Change): void {
  if (change.op === 'delete') {
    rows.delete(change.key)
  } else if (change.op === 'deleteRange') {
    for (const key of keysWithin(rows, change)) rows.delete(key)
  } else if (!isOlder(change.version, rows.get(change.key)?.version)) {
    rows.set(change.key, { value: change.value, version: change.version })
  }
}

/** True when a row of version `next` must not replace one of version `stored`. */
export function isOlder(next: number | undefined, stored: number | undefined): boolean {
  return next !== undefined && stored !== undefined && next < stored
}
