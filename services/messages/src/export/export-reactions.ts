import type { messagesApi, RouteParams, RouteQuery, RouteReply } from '@finnigram/contracts'
import type { MessagesContext } from '../context.ts'

type Export = typeof messagesApi.exportReactions

/** Messages with reactions, anybody's, that one page looks at. */
const page = 1000

/** Goes on after the message that the page before ended with, along the index of what has reactions. */
const select = `WITH place AS (
  SELECT conversation_id, seq FROM messages WHERE id = $2::uuid
), begin AS (
  SELECT coalesce(min(conversation_id::text)::uuid, '00000000-0000-0000-0000-000000000000') AS conversation_id,
    coalesce(min(seq), 0) AS seq FROM place
)
SELECT m.id AS "messageId", p.conversation_id AS "conversationId", m.seq,
  ARRAY(SELECT one ->> 'emoji' FROM jsonb_array_elements(m.reactions) one WHERE one -> 'userIds' ? $1::text) AS given
FROM begin b
CROSS JOIN LATERAL (
  SELECT p.conversation_id FROM participants p
  WHERE p.user_id = $1::uuid AND p.conversation_id >= b.conversation_id ORDER BY p.conversation_id OFFSET 0
) p
CROSS JOIN LATERAL (
  SELECT q.id, q.seq, q.reactions FROM messages q
  WHERE q.conversation_id = p.conversation_id AND q.reactions <> '[]'
    AND q.seq > CASE WHEN p.conversation_id = b.conversation_id THEN b.seq ELSE 0 END
  ORDER BY q.seq LIMIT ${page}
) m
ORDER BY p.conversation_id, m.seq LIMIT ${page}`

interface Reacted {
  messageId: string
  conversationId: string
  seq: number
  given: string[]
}

/** The reactions a person gave and did not take back, wherever they were, conversation by conversation. A page may be empty and not the last. */
export async function exportReactions(
  { pool }: MessagesContext,
  { userId, after }: RouteParams<Export> & RouteQuery<Export>,
): Promise<RouteReply<Export>> {
  const { rows } = await pool.query<Reacted>({
    name: 'export-reactions',
    text: select,
    values: [userId, after ?? null],
  })
  return {
    items: rows.flatMap(({ given, ...message }) => given.map((emoji) => ({ ...message, emoji }))),
    nextAfter: rows.length === page ? (rows.at(-1)?.messageId ?? null) : null,
  }
}
