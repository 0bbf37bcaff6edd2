import { type AccountData, type AccountType, streamPartitions } from '@finnigram/contracts'
import { appendToOutbox } from '@finnigram/service-kit'
import type { Snapshot } from '../conversations/load-conversations.ts'

/** Tells a fact to a person's own devices, in the transaction that makes it true. Returns the outbox partitions to wake the relay with once committed. */
export const tellAccount = <T extends AccountType>(
  tx: Snapshot,
  userId: string,
  { type, data }: { type: T; data: AccountData[T] },
): Promise<number[]> =>
  appendToOutbox(
    tx,
    [{ key: userId, type: 'account', payload: JSON.stringify({ userId, type, data }) }],
    streamPartitions.messages,
  )
