import type { Message } from '@finnigram/contracts'
import type pg from 'pg'
import { type MessageRow, messageColumns } from '../history/message-row.ts'
import { toReadMessage } from '../history/message-visibility.ts'
import type { Language } from './languages.ts'
import type { SearchPlan } from './plan-search.ts'
import { type BlockPlace, type Candidate, readBlocks, skewMs } from './read-blocks.ts'
import { isLater, newestPlace, placeAt, type SearchCursor } from './search-cursor.ts'

/** Blocks of each step, newest first. Later steps read more at once. */
const steps = [64, 512, 1024, 4096]
/** After so many steps a page ends with what it has. */
const mostSteps = steps.length

export interface CandidateRequest {
  plan: SearchPlan
  userId: string
  conversationId: string | undefined
  place: SearchCursor
  after: number
  /** At most so many. */
  count: number
}

export interface Candidates {
  /** The newest after the place, newest first. */
  found: Candidate[]
  /** Where to look on; undefined when there is nothing left. */
  next: SearchCursor | undefined
}

/** Finds the newest messages that match as indexed. The work is bounded for any query. */
export async function findCandidates(
  tx: pg.PoolClient,
  { count, ...request }: CandidateRequest,
): Promise<Candidates> {
  const found: Candidate[] = []
  const floor = await firstFloor(tx, request)
  let beyond: BlockPlace | undefined
  for (let step = 0; step < mostSteps || !isPast(beyond, request.place); step += 1) {
    const blocks = steps[Math.min(step, steps.length - 1)] ?? 1
    // With enough found, only blocks with newer messages matter. Otherwise the term is rare: use
    // n-grams.
    const oldest = found[count - 1]
    const isFirst = beyond === undefined
    const after = Math.max(request.after, oldest ? oldest.at - 1 : -1)
    const blocksAfter = isFirst ? Math.max(after, floor) : after
    const byGrams = !isFirst && !oldest
    const read = await readBlocks(tx, {
      ...request,
      ...{ after, blocksAfter, blocks, byGrams, beyond },
      candidates: count,
    })
    found.push(...read.candidates)
    found.sort((a, b) => (isLater(a, b) ? 1 : -1))
    found.splice(count)
    const end = read.end ?? (isFirst && blocksAfter > after ? endAt(floor) : undefined)
    if (!end) return { found, next: found.length < count ? undefined : found.at(-1) }
    beyond = end
  }
  const seenUntil = placeAt(beyond?.newestAt.getTime() ?? 0)
  return { found: found.filter((candidate) => isLater(seenUntil, candidate)), next: seenUntil }
}

/** Whether the next page begins later in the list than this one. */
const isPast = (beyond: BlockPlace | undefined, place: SearchCursor) =>
  beyond !== undefined && beyond.newestAt.getTime() < place.at

/**
 * A time after which enough of the reader's conversations have blocks for the first step. It spares
 * readers with thousands of conversations from sorting all blocks. -1 where there are few, or the
 * list begins before it.
 */
async function firstFloor(
  tx: pg.PoolClient,
  { userId, conversationId, place }: Omit<CandidateRequest, 'count'>,
): Promise<number> {
  if (conversationId !== undefined) return -1
  const { rows } = await tx.query<{ at: Date }>({
    name: 'search-first-floor',
    text: `SELECT c.last_activity_at AS at FROM participants p JOIN conversations c ON c.id = p.conversation_id
WHERE p.user_id = $1 AND p.left_version IS NULL ORDER BY c.last_activity_at DESC OFFSET ${steps[0]} LIMIT 1`,
    values: [userId],
  })
  const at = rows[0] ? rows[0].at.getTime() + skewMs : -1
  return at < place.at ? at : -1
}

/** The place after every block that is newer than this. */
const endAt = (at: number): BlockPlace => ({
  newestAt: new Date(at),
  conversationId: newestPlace.conversationId,
  fromSeq: newestPlace.seq,
})

/** A candidate as it is now, and the languages of its word forms. */
export interface ReadCandidate {
  message: Message
  languages: Language[]
}

/**
 * The candidates as they are now, in the same order, without deleted, unreadable and filtered ones.
 */
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
