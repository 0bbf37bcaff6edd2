import { streamPartitions, type UserEventData, type UserEventType } from '@finnigram/contracts'
import { appendToOutbox, type OutboxEntry, withTransaction } from '@finnigram/service-kit'
import type pg from 'pg'
import type { UsersContext } from './context.ts'

/** Says what became true about a person; the other services are told once the transaction is committed. */
export type Tell = <T extends UserEventType>(userId: string, type: T, data: UserEventData[T]) => void

/** Runs one transaction together with the facts it tells: both are committed, or neither is. */
export async function commitFacts<T>(
  { pool, relay }: Pick<UsersContext, 'pool' | 'relay'>,
  work: (tx: pg.PoolClient, tell: Tell) => Promise<T>,
): Promise<T> {
  const facts: OutboxEntry[] = []
  let dirty: number[] = []
  const result = await withTransaction(pool, async (tx) => {
    const made = await work(tx, (key, type, data) => facts.push({ key, type, payload: JSON.stringify(data) }))
    dirty = await appendToOutbox(tx, facts, streamPartitions.users)
    return made
  })
  if (dirty.length > 0) relay.wake(dirty)
  return result
}
