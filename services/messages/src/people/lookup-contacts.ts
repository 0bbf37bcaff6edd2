import type { messagesApi, RouteBody, RouteReply } from '@finnigram/contracts'
import { pairKeyOf } from '../conversations/conversation-row.ts'
import type { WithPool } from '../deps.ts'

type Lookup = typeof messagesApi.lookupContacts

/**
 * Those of some people whose contact the user is: they created the direct conversation, or wrote in
 * it. Writing to somebody or sharing a group makes nobody a contact. The users service asks.
 */
export async function lookupContacts(
  { pool }: WithPool,
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
