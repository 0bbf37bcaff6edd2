import type pg from 'pg'
import { blockLength, blockMessages, type OpenBlock } from './build-blocks.ts'
import type { SearchedMessage } from './index-document.ts'
import type { Language } from './languages.ts'
import type { Queued } from './search-queue.ts'

/** Consecutive messages that will be blocks. */
export interface Range {
  conversationId: string
  fromSeq: number
  toSeq: number
  /** They are one full block, and stay one. */
  isBlock: boolean
  /** The open block that these are appended to. Undefined where a block begins with the first. */
  appendTo: OpenBlock | undefined
}

/** The new messages of a conversation, and the block they are appended to. */
export interface NewRange extends Range {
  isBlock: false
  /** The last indexed message, and the bytes of its block's lines if that is rebuilt. */
  coveredTo: number
  coveredBytes: number
  /** The first message of the open block. */
  blockFrom: number
}

interface Extent {
  conversationId: string
  lastSeq: number
  /** The first message of the open block or, without one, the first new message. */
  fromSeq: number
  toSeq: number | null
  bytes: number | null
  lines: string | null
  oldestAt: Date
  newestAt: Date
  languages: Language[]
}

/** A block with fewer messages is rebuilt with every message: its languages are not certain yet. */
const sureMessages = 8

/**
 * The range of new messages of each conversation. A block that was changed, or is now full, is
 * rebuilt.
 */
export async function newRanges(
  tx: pg.PoolClient,
  queued: readonly Queued[],
): Promise<Map<string, NewRange>> {
  const { rows } = await tx.query<Extent>({
    name: 'search-extents',
    text: `SELECT c.id AS "conversationId", c.last_seq AS "lastSeq", coalesce(b.from_seq, 1) AS "fromSeq", b.to_seq AS "toSeq",
  b.oldest_at AS "oldestAt", b.newest_at AS "newestAt", b.languages, octet_length(b.lines) AS bytes, CASE WHEN NOT wanted.is_changed
    AND b.to_seq - b.from_seq + 1 >= ${sureMessages} AND c.last_seq - b.from_seq + 1 < ${blockMessages}
    AND octet_length(b.lines) < ${blockLength} THEN b.lines END AS lines
FROM unnest($1::uuid[], $2::boolean[]) AS wanted (id, is_changed)
CROSS JOIN LATERAL (SELECT id, last_seq FROM conversations WHERE id = wanted.id OFFSET 0) c
LEFT JOIN LATERAL (
  SELECT CASE WHEN grams IS NULL OR is_quiet THEN s.from_seq ELSE s.to_seq + 1 END AS from_seq, s.to_seq, s.oldest_at,
    s.newest_at, s.languages, CASE WHEN grams IS NULL OR is_quiet THEN s.lines END AS lines
  FROM search_blocks s WHERE s.conversation_id = wanted.id ORDER BY s.from_seq DESC LIMIT 1
) b ON true`,
    values: [
      queued.map(({ conversationId }) => conversationId),
      queued.map(({ changed }) => changed.length > 0),
    ],
  })
  return new Map(rows.map((extent) => [extent.conversationId, toRange(extent)]))
}

function toRange(extent: Extent): NewRange {
  const { conversationId, lastSeq, fromSeq, toSeq, bytes } = extent
  const appendTo = openBlockOf(extent)
  const covered = { coveredTo: toSeq ?? 0, coveredBytes: bytes ?? 0, blockFrom: fromSeq }
  const from = appendTo ? appendTo.toSeq + 1 : fromSeq
  return { conversationId, fromSeq: from, toSeq: lastSeq, isBlock: false, appendTo, ...covered }
}

function openBlockOf({
  lines,
  fromSeq,
  toSeq,
  oldestAt,
  newestAt,
  languages,
}: Extent): OpenBlock | undefined {
  if (lines === null || toSeq === null) return undefined
  return { fromSeq, toSeq, oldestAt, newestAt, languages, lines, grams: null }
}

/**
 * The full blocks that hold these changed messages, each with its own. Later ones come with the new
 * messages.
 */
export async function changedRanges(
  tx: pg.PoolClient,
  queued: readonly Queued[],
): Promise<(Range & { changed: number[] })[]> {
  const changes = queued.flatMap(({ conversationId, changed }) =>
    changed.map((seq) => ({ conversationId, seq })),
  )
  if (changes.length === 0) return []
  const { rows } = await tx.query<
    Pick<Range, 'conversationId' | 'fromSeq' | 'toSeq'> & { changed: number[] }
  >({
    name: 'search-changed-blocks',
    text: `SELECT b.conversation_id AS "conversationId", b.from_seq AS "fromSeq", b.to_seq AS "toSeq", array_agg(changed.seq) AS changed
FROM unnest($1::uuid[], $2::int[]) AS changed (conversation_id, seq)
CROSS JOIN LATERAL (
  SELECT * FROM search_blocks WHERE conversation_id = changed.conversation_id AND from_seq <= changed.seq
  ORDER BY from_seq DESC LIMIT 1
) b
WHERE b.to_seq >= changed.seq AND b.grams IS NOT NULL AND NOT b.is_quiet
GROUP BY b.conversation_id, b.from_seq, b.to_seq ORDER BY b.conversation_id, b.from_seq`,
    values: [changes.map(({ conversationId }) => conversationId), changes.map(({ seq }) => seq)],
  })
  return rows.map((row) => ({ ...row, isBlock: true, appendTo: undefined }))
}

type Place = Pick<Range, 'conversationId' | 'fromSeq' | 'toSeq'>

const placesOf = (ranges: readonly Place[]) => [
  ranges.map(({ conversationId }) => conversationId),
  ranges.map(({ fromSeq }) => fromSeq),
  ranges.map(({ toSeq }) => toSeq),
]

/** Bytes of the messages of ranges, by `seq`, in the same order, without fetching their texts. */
export async function measureRanges(
  tx: pg.PoolClient,
  ranges: readonly Place[],
): Promise<{ seq: number; bytes: number }[][]> {
  const { rows } = await tx.query<{ place: number; seq: number; bytes: number }>({
    name: 'measure-search-ranges',
    text: `SELECT r.place::int, m.seq, m.bytes FROM unnest($1::uuid[], $2::int[], $3::int[])
  WITH ORDINALITY AS r (conversation_id, from_seq, to_seq, place)
CROSS JOIN LATERAL (
  SELECT seq, coalesce(octet_length(text), 0) + pg_column_size(attachments) AS bytes FROM messages
  WHERE conversation_id = r.conversation_id AND seq BETWEEN r.from_seq AND r.to_seq ORDER BY seq OFFSET 0
) m ORDER BY r.place, m.seq`,
    values: placesOf(ranges),
  })
  const byRange = Map.groupBy(rows, ({ place }) => place - 1)
  return ranges.map((_, i) => byRange.get(i) ?? [])
}

/** The messages of the ranges, in the same order. */
export async function readRanges(tx: pg.PoolClient, ranges: readonly Place[]): Promise<SearchedMessage[][]> {
  const { rows } = await tx.query<SearchedMessage & { place: number }>({
    name: 'read-search-ranges',
    text: `SELECT r.place::int, m.seq, m.sender_id AS "senderId", m.text, m.attachments, m.has_link AS "hasLink",
  m.deleted_at AS "deletedAt", m.created_at AS "createdAt"
FROM unnest($1::uuid[], $2::int[], $3::int[]) WITH ORDINALITY AS r (conversation_id, from_seq, to_seq, place)
CROSS JOIN LATERAL (
  SELECT * FROM messages WHERE conversation_id = r.conversation_id AND seq BETWEEN r.from_seq AND r.to_seq
  ORDER BY seq OFFSET 0
) m ORDER BY r.place, m.seq`,
    values: placesOf(ranges),
  })
  const byRange = Map.groupBy(rows, ({ place }) => place - 1)
  return ranges.map((_, i) => byRange.get(i) ?? [])
}
