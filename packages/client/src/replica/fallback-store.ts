import type { ReadonlyMemory } from './memory.ts'
import { createMemoryStore } from './memory-store.ts'
import { type Change, type Database, messageKey } from './store.ts'

/** Where the replica keeps what it knows: the device's store, or memory once that has refused. */
export interface Disk {
  readonly database: Database
  write(changes: Change[]): Promise<void>
}

export interface DiskOptions {
  me: string
  memory: ReadonlyMemory
  database: Database
  onError: (error: unknown) => void
}

export function createDisk({ me, memory, database, onError }: DiskOptions): Disk {
  let current = database
  return {
    get database() {
      return current
    },
    async write(changes) {
      if (changes.length === 0) return
      try {
        await current.write(changes)
      } catch (error) {
        onError(error)
        current = await inMemory(me, memory)
        await current.write(changes)
      }
    },
  }
}

/** A disk that refused once is left as it is, a state that was true; until the next start memory takes its place. */
async function inMemory(me: string, memory: ReadonlyMemory): Promise<Database> {
  const database = await createMemoryStore().open(me)
  const changes: Change[] = []
  for (const value of memory.conversations.values()) {
    changes.push({ op: 'put', table: 'conversations', key: value.conversation.id, value })
  }
  for (const [id, window] of memory.windows) {
    for (const value of window)
      changes.push({ op: 'put', table: 'messages', key: messageKey(id, value.seq), value })
  }
  for (const value of memory.outbox.values())
    changes.push({ op: 'put', table: 'outbox', key: value.id, value })
  await database.write(changes)
  return database
}
