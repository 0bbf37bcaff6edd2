import type { Message, messagesApi, RouteQuery, RouteReply } from '@finnigram/contracts'
import { type Actor, AppError } from '@finnigram/service-kit'
import type { WithPool } from '../deps.ts'
import { type MessageRow, messageColumns } from './message-row.ts'
import { isReadable, toReadMessage } from './message-visibility.ts'

type Page = typeof messagesApi.listMessages

/**
 * Every `seq` between the reader's first and the last message has a row. So a page is a range of
 * numbers, and whether there is more follows from them. One statement reads it all in one snapshot.
 */
const select = `WITH reader AS (
  SELECT p.joined_seq + 1 AS first_seq, c.last_seq
  FROM participants p JOIN conversations c ON c.id = p.conversation_id
  WHERE p.conversation_id = $1 AND p.user_id = $2 AND p.left_version IS NULL
), page AS (
  SELECT first_seq, last_seq, CASE $3
    WHEN 'after' THEN greatest($4::int + 1, first_seq)
    WHEN 'around' THEN greatest(least($4::int - $5::int / 2, last_seq - $5::int + 1), first_seq)
    ELSE greatest(least($4::int - 1, last_seq) - $5::int + 1, first_seq)
  END AS low FROM reader
), bounds AS (
  SELECT first_seq, last_seq, low, CASE $3
    WHEN 'before' THEN least($4::int - 1, last_seq)
    ELSE least(low + $5::int - 1, last_seq)
  END AS high FROM page
)
SELECT b.last_seq AS "lastSeq", least(b.low, b.last_seq + 1) > b.first_seq AS "hasBefore",
  greatest(b.high, b.first_seq - 1) < b.last_seq AS "hasAfter", b.first_seq - 1 AS "joinedSeq", ${messageColumns}
FROM bounds b
LEFT JOIN LATERAL (
  SELECT * FROM messages WHERE conversation_id = $1 AND seq BETWEEN b.low AND b.high ORDER BY seq OFFSET 0
) m ON true
ORDER BY m.seq`

type PageRow = { lastSeq: number; hasBefore: boolean; hasAfter: boolean; joinedSeq: number } & (
  | MessageRow
  | { id: null }
)

/**
 * A page of the history since the reader joined. Throws `not_found`, or `validation_failed` when
 * more than one of `before`, `after` and `around` is given.
 */
export async function listMessages(
  { pool }: WithPool,
  actor: Actor,
  { conversationId, ...query }: { conversationId: string } & RouteQuery<Page>,
): Promise<RouteReply<Page>> {
  const { direction, seq } = anchorOf(query)
  const values = [conversationId, actor.userId, direction, seq, query.limit]
  const { rows } = await pool.query<PageRow>({ name: 'list-messages', text: select, values })
  const [first] = rows
  if (!first) throw new AppError('not_found')
  const { lastSeq, hasBefore, hasAfter } = first
  return {
    items: rows.flatMap((row) => (row.id === null ? [] : toReadMessage(row))),
    lastSeq,
    hasBefore,
    hasAfter,
  }
}

/** A `seq` has 32 bits in the database. Anything larger means the end. */
const lastPossible = 2 ** 31 - 1_000

function anchorOf({ before, after, around }: Pick<RouteQuery<Page>, 'before' | 'after' | 'around'>) {
  const given = Object.entries({ before, after, around }).flatMap(([direction, seq]) =>
    seq === undefined ? [] : { direction, seq: Math.min(seq, lastPossible) },
  )
  const [anchor = { direction: 'before', seq: lastPossible }, ...others] = given
  if (others.length === 0) return anchor
  const message = 'Give at most one of before, after, around'
  throw new AppError('validation_failed', {
    errors: given.map(({ direction }) => ({ path: `query.${direction}`, message })),
  })
}

const selectMessage = `SELECT p.joined_seq AS "joinedSeq", ${messageColumns} FROM messages m
JOIN participants p ON p.conversation_id = m.conversation_id AND p.user_id = $2
WHERE m.id = $1 AND ${isReadable}`

/** One message that the reader may read. Throws `not_found`. */
export async function getMessage({ pool }: WithPool, actor: Actor, messageId: string): Promise<Message> {
  const { rows } = await pool.query<MessageRow & { joinedSeq: number }>({
    name: 'get-message',
    text: selectMessage,
    values: [messageId, actor.userId],
  })
  const [row] = rows
  if (!row) throw new AppError('not_found')
  return toReadMessage(row)
}
