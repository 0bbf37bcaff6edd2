import type { Message } from '@finnigram/contracts'
import type pg from 'pg'
import { type MessageRow, messageColumns } from '../history/message-row.ts'
import { toReadMessage } from '../history/to-read-message.ts'
import type { Language } from './languages.ts'
import type { Candidate } from './read-blocks.ts'

/** A candidate as it is now, and the languages whose word forms count in it. */
export interface ReadCandidate {
  message: Message
  languages: Language[]
}

/** The candidates as they are now, in the same order; without those the reader may not see (any more), that were deleted, or that the filters leave out. */
export async function readCandidates(
  tx: pg.PoolClient,
  candidates: readonly Candidate[],
  {
    userId,
    from,
    has,
  }: { userId: string; from?: string | undefined; has?: 'attachment' | 'link' | undefined },
): Promise<ReadCandidate[]> {
  if (candidates.length === 0) return []
  const { rows } = await tx.query<MessageRow & { place: number; joinedSeq: number }>({
    name: 'read-candidates',
    text: `SELECT wanted.place::int, p.joined_seq AS "joinedSeq", ${messageColumns}
FROM unnest($1::uuid[], $2::int[]) WITH ORDINALITY AS wanted (conversation_id, seq, place)
CROSS JOIN LATERAL (
  SELECT * FROM messages WHERE conversation_id = wanted.conversation_id AND seq = wanted.seq OFFSET 0
) m
CROSS JOIN LATERAL (
  SELECT joined_seq FROM participants
  WHERE conversation_id = wanted.conversation_id AND user_id = $3 AND left_version IS NULL OFFSET 0
) p
WHERE m.seq > p.joined_seq AND m.deleted_at IS NULL AND ($4::uuid IS NULL OR m.sender_id = $4)
  AND ($5::text IS NULL OR CASE $5 WHEN 'link' THEN m.has_link ELSE m.attachments <> '[]' END)
ORDER BY wanted.place`,
    values: [
      candidates.map(({ conversationId }) => conversationId),
      candidates.map(({ seq }) => seq),
      userId,
      from ?? null,
      has ?? null,
    ],
  })
  return rows.map((row) => ({
    message: toReadMessage(row),
    languages: candidates[row.place - 1]?.languages ?? [],
  }))
}
