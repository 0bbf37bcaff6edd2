import { NetworkProblem } from '../api/problems.ts'
import { createSerial } from '../mutex.ts'
import type { Unsubscribe } from '../topic.ts'
import { createDisk } from './fallback-store.ts'
import { loadMemory } from './load-memory.ts'
import type { Memory, ReadonlyMemory } from './memory.ts'
import type { Database } from './store.ts'
import { Transaction } from './transaction.ts'
import { createWriteBehind } from './write-behind.ts'

/** What changed, for those who show it. */
export interface Touched {
  conversations: ReadonlySet<string>
  messages: ReadonlySet<string>
  people?: ReadonlySet<string>
}

/** One person's chats on this device: in memory what screens need, in the store all of it. */
export interface Replica {
  readonly me: string
  readonly memory: ReadonlyMemory
  /** Runs alone, one after the other: reads, decides, and stores all of its changes at once. An error leaves everything as it was. */
  transact<T>(work: (transaction: Transaction, database: Database) => Promise<T> | T): Promise<T>
  /** Changes memory at once and stores the change behind it: for what must not wait, such as typed text. Resolves when stored. */
  changeNow(
    touched: Touched,
    change: (memory: Memory) => void,
    store: (transaction: Transaction) => void,
  ): Promise<void>
  /** Has the listener told of every change, until what it answers is called. */
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
  const serial = createSerial()
  const disk = createDisk({ me, memory, database, onError })
  let closed = false
  const listeners = new Set<(touched: Touched) => void>()
  const onTouched = (touched: Touched) => {
    for (const listener of listeners) listener(touched)
  }
  const writeBehind = createWriteBehind(serial, async (changes) => {
    if (!closed) await disk.write(changes)
  })

  return {
    me,
    memory,
    transact: (work) =>
      serial(async () => {
        if (closed) throw new NetworkProblem('aborted')
        const transaction = new Transaction(memory, disk.database)
        const result = await work(transaction, disk.database)
        if (transaction.changes.length > 0) await disk.write(transaction.changes)
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
      const transaction = new Transaction(memory, disk.database)
      store(transaction)
      return writeBehind(transaction.changes)
    },
    listen(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: () =>
      serial(() => {
        closed = true
        return disk.database.close()
      }),
  }
}
