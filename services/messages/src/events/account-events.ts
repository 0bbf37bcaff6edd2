import { type AccountData, type AccountType, streamPartitions } from '@finnigram/contracts'
import { appendToOutbox } from '@finnigram/service-kit'
import type { Queryable } from '../deps.ts'

/** A fact for one person's own devices. */
export type AccountEvent = {
  [T in AccountType]: { userId: string; type: T; data: AccountData[T] }
}[AccountType]

/** The outbox entries of facts for people's own devices. */
export const toAccountEntries = (facts: readonly AccountEvent[]) =>
  facts.map((fact) => ({ key: fact.userId, type: 'account', payload: JSON.stringify(fact) }))

/** Tells facts to people's own devices, in the transaction that makes them true. Returns the outbox partitions to wake the relay with once committed. */
export const emitAccountEvents = (tx: Queryable, facts: readonly AccountEvent[]): Promise<number[]> =>
  appendToOutbox(tx, toAccountEntries(facts), streamPartitions.messages)

/** Tells a fact to a person's own devices, in the transaction that makes it true. Returns the outbox partitions to wake the relay with once committed. */
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
