import { NetworkProblem } from '../api/problems.ts'
import { createSerial } from '../serial.ts'
import { createMemoryStore } from '../store/memory-store.ts'
import { type Change, type Database, messageKey } from '../store/store.ts'
import { loadMemory } from './load-memory.ts'
import type { Memory, ReadonlyMemory } from './memory.ts'
import { Transaction } from './transaction.ts'

/** What changed, for those who show it. */
export interface Touched {
  conversations: ReadonlySet<string>
  messages: ReadonlySet<string>
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
  /** Who is told of every change. */
  listen(listener: (touched: Touched) => void): void
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
  let current = database
  let closed = false
  let onTouched: (touched: Touched) => void = () => undefined

  const write = async (changes: Change[]) => {
    try {
      await current.write(changes)
    } catch (error) {
      onError(error)
      current = await inMemory(me, memory)
      await current.write(changes)
    }
  }
  let behind: { changes: Change[]; written: Promise<void> } | undefined
  /** What comes while the store is busy is written with what waits already: a message never waits for every letter of its draft. */
  const writeBehind = (changes: readonly Change[]): Promise<void> => {
    if (!behind) {
      const batch: Change[] = []
      const written = serial(async () => {
        behind = undefined
        if (!closed) await write(batch)
      })
      behind = { changes: batch, written }
    }
    behind.changes.push(...changes)
    return behind.written
  }
  return {
    me,
    memory,
    transact: (work) =>
      serial(async () => {
        if (closed) throw new NetworkProblem('aborted')
        const transaction = new Transaction(memory, current)
        const result = await work(transaction, current)
        if (transaction.changes.length > 0) await write(transaction.changes)
        transaction.takeEffect()
        onTouched({ conversations: transaction.touched, messages: transaction.touchedMessages })
        return result
      }),
    changeNow(touched, change, store) {
      change(memory)
      onTouched(touched)
      const transaction = new Transaction(memory, current)
      store(transaction)
      return writeBehind(transaction.changes)
    },
    listen(listener) {
      onTouched = listener
    },
    close: () =>
      serial(() => {
        closed = true
        return current.close()
      }),
  }
}

/** A disk that refused once is left as it is, a state that was true; until the next start memory takes its place. */
async function inMemory(me: string, memory: Memory): Promise<Database> {
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
