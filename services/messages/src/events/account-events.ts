import { type AccountData, type AccountType, streamPartitions } from '@finnigram/contracts'
import { appendToOutbox } from '@finnigram/service-kit'
import type { Queryable } from '../deps.ts'

/** An event for one person's own devices. */
export type AccountEvent = {
  [T in AccountType]: { userId: string; type: T; data: AccountData[T] }
}[AccountType]

/** The outbox entries of events for people's own devices. */
export const toAccountEntries = (events: readonly AccountEvent[]) =>
  events.map((event) => ({ key: event.userId, type: 'account', payload: JSON.stringify(event) }))

/**
 * Adds events for people's own devices to the outbox, in the transaction that makes them true.
 * Returns the outbox partitions to wake the relay with after the commit.
 */
export const emitAccountEvents = (tx: Queryable, events: readonly AccountEvent[]): Promise<number[]> =>
  appendToOutbox(tx, toAccountEntries(events), streamPartitions.messages)

/** The same for one event of one person. */
export const emitAccountEvent = <T extends AccountType>(
  tx: Queryable,
  userId: string,
  { type, data }: { type: T; data: AccountData[T] },
): Promise<number[]> =>
  appendToOutbox(
    tx,
    [{ key: userId, type: 'account', payload: JSON.stringify({ userId, type, data }) }],
    streamPartitions.messages,
  )
