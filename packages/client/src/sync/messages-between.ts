import type { Message } from '@finnigram/contracts'
import type { Transaction } from '../replica/transaction.ts'

/** Past this many it is cheaper to ask the server. */
const mostCounted = 2_000

/**
 * All messages after one seq and up to another, or null when some of them are not on this device.
 */
export async function messagesBetween(
  transaction: Transaction,
  id: string,
  { after, upTo }: { after: number; upTo: number },
): Promise<Message[] | null> {
  const expected = upTo - after
  if (expected <= 0) return []
  if (expected > mostCounted) return null
  const messages = await transaction.messages(id, { from: after + 1, to: upTo })
  return messages.length === expected ? messages : null
}
