import type { Database } from './store.ts'

/** `database`, which tells when the disk refuses a write: full, or taken away by the browser. */
export function noticingDatabase(database: Database, onRefused: () => void): Database {
  let closed = false
  return {
    get: (table, key) => database.get(table, key),
    range: (table, range) => database.range(table, range),
    async write(changes) {
      try {
        await database.write(changes)
      } catch (error) {
        if (!closed) onRefused()
        throw error
      }
    },
    close() {
      closed = true
      return database.close()
    },
  }
}
