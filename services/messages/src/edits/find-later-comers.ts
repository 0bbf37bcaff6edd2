import type { Snapshot } from '../conversations/load-conversations.ts'

/** Those of a conversation who may not read each of these messages, because they came after it. */
export async function findLaterComers(
  tx: Snapshot,
  conversationId: string,
  seqs: readonly number[],
): Promise<(seq: number) => string[]> {
  if (seqs.length === 0) return () => []
  const { rows } = await tx.query<{ userId: string; joinedSeq: number }>(
    `SELECT user_id AS "userId", joined_seq AS "joinedSeq" FROM participants
WHERE conversation_id = $1 AND left_version IS NULL AND joined_seq >= $2`,
    [conversationId, Math.min(...seqs)],
  )
  return (seq) => rows.flatMap(({ userId, joinedSeq }) => (joinedSeq >= seq ? userId : []))
}
