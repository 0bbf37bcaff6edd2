import { NetworkProblem } from '../api/problems.ts'
import { createMutex, type Mutex } from '../mutex.ts'
import type { Unsubscribe } from '../subscriptions.ts'
import { loadMemory, type Memory, type ReadonlyMemory } from './memory.ts'
import { createMemoryStore } from './memory-store.ts'
import { type Change, type Database, messageKey } from './store.ts'
import { Transaction } from './transaction.ts'

/** What changed, for listeners that show it. */
export interface Touched {
  conversations: ReadonlySet<string>
  messages: ReadonlySet<string>
  people?: ReadonlySet<string>
}

/**
 * The device's copy of one person's conversations: what screens need in memory, all of it in the
 * store.
 *
 * Promise: messages, conversation, version and cursor change together or not at all. What a screen
 * reads is in the store already, but for `changeNow`. A store that refuses a write is replaced by
 * memory, and the app goes on.
 *
 * Procedure: a transaction collects its changes, writes them to the store in one batch, then makes
 * them visible and notifies listeners. Transactions run one after the other.
 *
 * It never calls the server, and knows nothing of events: `sync/ingest.ts` decides what to change.
 *
 * Used by everything that a signed-in client is made of; opened by `SignedInClient`.
 */
export interface Replica {
  readonly me: string
  readonly memory: ReadonlyMemory
  /**
   * Runs one at a time: reads, decides, and stores all of its changes at once. An error leaves
   * everything as it was.
   */
  transact<T>(work: (transaction: Transaction, database: Database) => Promise<T> | T): Promise<T>
  /**
   * Changes memory at once and the store after it: for what must not wait, such as typed text.
   * Resolves when stored.
   */
  changeNow(
    touched: Touched,
    change: (memory: Memory) => void,
    store: (transaction: Transaction) => void,
  ): Promise<void>
  /** Calls the listener after every change, until the returned function is called. */
  listen(listener: (touched: Touched) => void): Unsubscribe
  close(): Promise<void>
}

export interface ReplicaOptions {
  me: string
  database: Database
  onError: (error: unknown) => void
}

export async function openReplica({ me, database, onError }: ReplicaOptions): Promise<Replica> {
  const memory = await loadMemory(database)
  const mutex = createMutex()
  const fallbackStore = createFallbackStore({ me, memory, database, onError })
  let closed = false
  const listeners = new Set<(touched: Touched) => void>()
  const onTouched = (touched: Touched) => {
    for (const listener of listeners) listener(touched)
  }
  const writeBehind = createWriteBehind(mutex, async (changes) => {
    if (!closed) await fallbackStore.write(changes)
  })

  return {
    me,
    memory,
    transact: (work) =>
      mutex(async () => {
        if (closed) throw new NetworkProblem('aborted')
        const transaction = new Transaction(memory, fallbackStore.database)
        const result = await work(transaction, fallbackStore.database)
        if (transaction.changes.length > 0) await fallbackStore.write(transaction.changes)
        transaction.takeEffect()
        onTouched({
          conversations: transaction.touched,
          messages: transaction.touchedMessages,
          people: transaction.touchedPeople,
        })
        return result
      }),
    changeNow(touched, change, store) {
      change(memory)
      onTouched(touched)
      const transaction = new Transaction(memory, fallbackStore.database)
      store(transaction)
      return writeBehind(transaction.changes)
    },
    listen(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: () =>
      mutex(() => {
        closed = true
        return fallbackStore.database.close()
      }),
  }
}

/** The device's store, or memory once that has refused a write. */
interface FallbackStore {
  readonly database: Database
  write(changes: Change[]): Promise<void>
}

interface FallbackStoreOptions {
  me: string
  memory: ReadonlyMemory
  database: Database
  onError: (error: unknown) => void
}

function createFallbackStore({ me, memory, database, onError }: FallbackStoreOptions): FallbackStore {
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

/**
 * A store that refused once keeps its last consistent state. Until the next start memory takes its
 * place.
 */
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

/**
 * Writes changes after those under way. Changes that come while the store is busy are written
 * together, so that a message does not wait for every letter of its draft.
 */
function createWriteBehind(mutex: Mutex, write: (changes: Change[]) => Promise<void>) {
  let waiting: { changes: Change[]; written: Promise<void> } | undefined
  return (changes: readonly Change[]): Promise<void> => {
    if (!waiting) {
      const batch: Change[] = []
      const written = mutex(() => {
        waiting = undefined
        return write(batch)
      })
      waiting = { changes: batch, written }
    }
    waiting.changes.push(...changes)
    return waiting.written
  }
}
