import type { messagesApi, RouteParams, RouteQuery, RouteReply } from '@finnigram/contracts'
import type { MessagesContext } from '../context.ts'
import { type MessageRow, messageColumns } from '../history/message-row.ts'
import { type Author, authorColumns, toReadMessage } from '../history/to-read-message.ts'

type Export = typeof messagesApi.exportMessages

/** Messages of one page. */
const page = 500

/**
 * Conversation by conversation, and in each along the index that unread counts need: an index by sender alone would
 * cost every send, and only this would read it. Where a page goes on is where the last message of the one before lies.
 */
const select = `WITH place AS (
  SELECT conversation_id, seq FROM messages WHERE id = $2::uuid
), begin AS (
  SELECT coalesce(min(conversation_id::text)::uuid, '00000000-0000-0000-0000-000000000000') AS conversation_id,
    coalesce(min(seq), 0) AS seq FROM place
)
SELECT ${messageColumns}, ${authorColumns}
FROM begin b
CROSS JOIN LATERAL (
  SELECT p.conversation_id, p.joined_seq, p.left_version FROM participants p
  WHERE p.user_id = $1 AND p.conversation_id >= b.conversation_id ORDER BY p.conversation_id OFFSET 0
) p
CROSS JOIN LATERAL (
  SELECT * FROM messages q
  WHERE q.conversation_id = p.conversation_id AND q.sender_id = $1
    AND q.seq > CASE WHEN p.conversation_id = b.conversation_id THEN b.seq ELSE 0 END
    AND q.kind = 'text' AND q.deleted_at IS NULL
  ORDER BY q.seq LIMIT ${page}
) m
ORDER BY p.conversation_id, m.seq LIMIT ${page}`

/** What a person wrote and did not delete, wherever they were, conversation by conversation; where they have left, as of then. */
export async function exportMessages(
  { pool }: MessagesContext,
  { userId, after }: RouteParams<Export> & RouteQuery<Export>,
): Promise<RouteReply<Export>> {
  const { rows } = await pool.query<MessageRow & Author>({
    name: 'export-messages',
    text: select,
    values: [userId, after ?? null],
  })
  const items = rows.map(toReadMessage)
  return { items, nextAfter: items.length === page ? (items.at(-1)?.id ?? null) : null }
}
