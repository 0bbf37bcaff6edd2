import type { messagesApi, RouteBody, RouteReply } from '@finnigram/contracts'
import type { MessagesContext } from '../context.ts'
import { pairKeyOf } from '../conversations/conversation-row.ts'

type Lookup = typeof messagesApi.lookupContacts

/**
 * Of some people, those whose contact the person is: they began a direct conversation with them, or wrote in one. Who
 * only wrote to somebody, or is in a group with them, is nobody's contact.
 */
export async function findContactOf(
  { pool }: MessagesContext,
  { userId, of }: RouteBody<Lookup>,
): Promise<RouteReply<Lookup>> {
  const others = of.filter((id) => id !== userId)
  const { rows } = await pool.query<{ id: string }>({
    name: 'find-contact-of',
    text: `SELECT o.id FROM unnest($1::uuid[], $2::text[]) AS o (id, pair_key)
CROSS JOIN LATERAL (SELECT q.id, q.created_by FROM conversations q WHERE q.pair_key = o.pair_key OFFSET 0) c
WHERE c.created_by = o.id
  OR EXISTS (SELECT FROM messages m WHERE m.conversation_id = c.id AND m.sender_id = o.id OFFSET 0)
ORDER BY o.id`,
    values: [others, others.map((id) => pairKeyOf(id, userId))],
  })
  return { userIds: rows.map(({ id }) => id) }
}
