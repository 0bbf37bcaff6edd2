import { type DBSchema, deleteDB, type IDBPDatabase, type IDBPTransaction, openDB } from 'idb'
import { isOlder } from './memory-store.ts'
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
type Schema = DBSchema & { [T in Table]: { key: string; value: Row } }
type Connection = IDBPDatabase<Schema>

const schemaVersion = 1

/** A store in the browser's IndexedDB, one database per person, named `<name>-<user id>`. */
export function createIndexedDbStore(name: string): Store {
  return {
    async open(userId) {
      const database = openDatabase(`${name}-${userId}`)
      await database.range('meta', { limit: 1 })
      return database
    },
    async destroy(userId) {
      await clearTables(`${name}-${userId}`)
      // Waits while another tab holds the database, which is empty by now either way.
      deleteDB(`${name}-${userId}`).catch(() => undefined)
    },
    async isDurable() {
      try {
        const probe = `${name}-probe`
        await openDB(probe).then((database) => database.close())
        await deleteDB(probe)
        return true
      } catch {
        return false
      }
    },
  }
}

function openDatabase(name: string): Database {
  let opening: Promise<Connection> | undefined
  let closed = false
  const forget = () => {
    opening = undefined
  }
  const connection = () => {
    if (closed) throw new DOMException('The database is closed', 'InvalidStateError')
    opening ??= connect(name, forget)
    opening.catch(forget)
    return opening
  }
  return {
    async get<T extends Table>(table: T, key: string) {
      const row = await (await connection()).get(table, key)
      return row?.value as Tables[T] | undefined
    },
    async range<T extends Table>(table: T, range: KeyRange = {}) {
      const rows = await readRange(await connection(), table, range)
      return rows.map((row) => row.value as Tables[T])
    },
    async write(changes) {
      if (changes.length > 0) await writeAll(await connection(), changes)
    },
    async close() {
      closed = true
      const open = await opening?.catch(() => undefined)
      open?.close()
    },
  }
}

/**
 * Browsers may end a connection, and a newer version of the app asks older tabs to close theirs.
 */
function connect(name: string, ended: () => void): Promise<Connection> {
  return openDB<Schema>(name, schemaVersion, {
    upgrade(database) {
      for (const table of tables) database.createObjectStore(table)
    },
    blocking(_current, _blocked, event) {
      ended()
      if (event.target instanceof IDBDatabase) event.target.close()
    },
    terminated: ended,
  })
}

async function readRange(open: Connection, table: Table, { from, to, reverse, limit }: KeyRange) {
  const query = keyRange(from, to)
  if (!reverse) return open.getAll(table, query, limit)
  const rows: Row[] = []
  let cursor = await open.transaction(table).store.openCursor(query, 'prev')
  while (cursor && (limit === undefined || rows.length < limit)) {
    rows.push(cursor.value)
    cursor = await cursor.continue()
  }
  return rows
}

function keyRange(from: string | undefined, to: string | undefined): IDBKeyRange | undefined {
  if (from !== undefined && to !== undefined) return IDBKeyRange.bound(from, to)
  if (from !== undefined) return IDBKeyRange.lowerBound(from)
  return to === undefined ? undefined : IDBKeyRange.upperBound(to)
}

async function writeAll(open: Connection, changes: readonly Change[]): Promise<void> {
  const touched = [...new Set(changes.map(({ table }) => table))]
  // A written message shows as stored only once the disk has it. All else can be fetched again.
  const durability = touched.includes('outbox') ? 'strict' : 'relaxed'
  const transaction = open.transaction(touched, 'readwrite', { durability })
  try {
    for (const change of changes) await applyChange(transaction, change)
  } catch (error) {
    transaction.done.catch(() => undefined)
    transaction.abort()
    throw error
  }
  await transaction.done
}

type Writing = IDBPTransaction<Schema, Table[], 'readwrite'>

async function applyChange(transaction: Writing, change: Change): Promise<void> {
  const rows = transaction.objectStore(change.table)
  if (change.op === 'delete') return rows.delete(change.key)
  if (change.op === 'deleteRange') return rows.delete(IDBKeyRange.bound(change.from, change.to))
  if (change.version !== undefined) {
    const stored = await rows.get(change.key)
    if (isOlder(change.version, stored?.version)) return
  }
  await rows.put({ value: change.value, version: change.version }, change.key)
}

async function clearTables(name: string): Promise<void> {
  const open = await connect(name, () => undefined)
  const transaction = open.transaction(tables, 'readwrite')
  await Promise.all(tables.map((table) => transaction.objectStore(table).clear()))
  await transaction.done
  open.close()
}
