import type { Message } from '@finnigram/contracts'
import type { Transaction } from '../replica/transaction.ts'

/** Past this many it is cheaper to ask the server. */
const mostCounted = 2_000

/** All messages after `seq`, or null when some of them are not on this device. */
export async function messagesAfter(
  transaction: Transaction,
  { id, seq }: { id: string; seq: number },
): Promise<Message[] | null> {
  const lastSeq = transaction.conversation(id)?.conversation.lastSeq ?? 0
  const expected = lastSeq - seq
  if (expected <= 0) return []
  if (expected > mostCounted) return null
  const messages = await transaction.messages(id, { from: seq + 1, to: lastSeq })
  return messages.length === expected ? messages : null
}
