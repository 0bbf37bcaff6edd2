import { type ParkedStore, park, parkedTable } from '@finnigram/service-kit'
import type pg from 'pg'
import { gramsOfLines } from './build-blocks.ts'
import { planRound, type RoundBounds } from './plan-round.ts'
import type { Range } from './read-ranges.ts'
import { putBack, takeQueued } from './search-queue.ts'

/** Where messages that cannot be indexed are. */
interface ParkedRange {
  conversationId: string
  fromSeq: number
  toSeq: number
}

/**
 * Parks the messages with which round after round has failed. An empty block stands for them, so
 * that indexing goes on after it. They stay readable, and searchable once a retry succeeds.
 */
export async function parkNext(
  tx: pg.PoolClient,
  { reason, bounds }: { reason: string; bounds: RoundBounds },
): Promise<ParkedRange | undefined> {
  const queued = await takeQueued(tx, 1)
  const { ranges, left } = await planRound(tx, { queued, bounds })
  await putBack(tx, left)
  const [range] = ranges
  return range && (await parkRange(tx, { range, reason }))
}

async function parkRange(
  tx: pg.PoolClient,
  { range, reason }: { range: Range; reason: string },
): Promise<ParkedRange> {
  const { conversationId, toSeq } = range
  const fromSeq = range.isBlock ? range.fromSeq : Math.min(toSeq, await sealLast(tx, conversationId))
  const data = { conversationId, fromSeq, toSeq }
  await tx.query(
    `INSERT INTO search_blocks AS b (conversation_id, from_seq, to_seq, oldest_at, newest_at, languages, lines, grams)
SELECT $1, $2, $3, coalesce(min(created_at), now()), coalesce(max(created_at), now()), '{en}', repeat(E'\\n', $3::int - $2::int), '{}'
FROM messages WHERE conversation_id = $1 AND seq BETWEEN $2 AND $3
ON CONFLICT (conversation_id, from_seq) DO UPDATE SET to_seq = excluded.to_seq, oldest_at = excluded.oldest_at,
  newest_at = excluded.newest_at, lines = excluded.lines, grams = excluded.grams, is_quiet = false`,
    [conversationId, fromSeq, toSeq],
  )
  await park(tx, { kind: 'search', id: `${conversationId}.${fromSeq}`, data, reason })
  return data
}

/** Seals the open block as it is. Returns the first message after all blocks. */
async function sealLast(tx: pg.PoolClient, conversationId: string): Promise<number> {
  const { rows } = await tx.query<{ fromSeq: number; toSeq: number; lines: string | null }>(
    `SELECT from_seq AS "fromSeq", to_seq AS "toSeq", CASE WHEN grams IS NULL THEN lines END AS lines
FROM search_blocks WHERE conversation_id = $1 ORDER BY from_seq DESC LIMIT 1`,
    [conversationId],
  )
  const [last] = rows
  if (last && last.lines !== null) {
    await tx.query(
      `UPDATE search_blocks SET grams = $3::smallint[], is_quiet = false WHERE conversation_id = $1 AND from_seq = $2`,
      [conversationId, last.fromSeq, gramsOfLines(last.lines.split('\n'))],
    )
  }
  return (last?.toSeq ?? 0) + 1
}

/** Messages that could not be indexed. A retry queues them as if they had just been edited. */
export const parkedRanges = (pool: pg.Pool): ParkedStore =>
  parkedTable<ParkedRange>({
    pool,
    kind: 'search',
    describe: ({ conversationId, fromSeq, toSeq }) =>
      `messages ${fromSeq} to ${toSeq} of conversation ${conversationId}`,
    async retry(tx, { conversationId, fromSeq }) {
      await tx.query('INSERT INTO search_queue (conversation_ids, seq) VALUES (ARRAY[$1::uuid], $2)', [
        conversationId,
        fromSeq,
      ])
    },
  })
