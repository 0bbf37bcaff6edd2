import type { messagesApi, RouteReply } from '@finnigram/contracts'
import { unreadCount } from '../conversations/member-settings.ts'
import type { WithPool } from '../deps.ts'

type Item = RouteReply<typeof messagesApi.countBadges>['items'][number]

const count = `SELECT w.user_id AS "userId", coalesce(n.unread, 0)::int AS unread
FROM unnest($1::uuid[]) AS w (user_id)
CROSS JOIN LATERAL (
  SELECT sum(${unreadCount}) AS unread
  FROM (
    SELECT * FROM participants q
    WHERE q.user_id = w.user_id AND q.left_version IS NULL AND NOT q.archived
      AND (q.muted_until IS NULL OR q.muted_until <= now()) OFFSET 0
  ) p
  CROSS JOIN LATERAL (
    SELECT * FROM conversations q
    WHERE q.id = p.conversation_id AND q.last_seq > greatest(p.last_read_seq, p.joined_seq) OFFSET 0
  ) c
) n`

/** The unread count of each person over all conversations that are neither muted nor archived. */
export async function countBadges(
  { pool }: WithPool,
  userIds: readonly string[],
): Promise<RouteReply<typeof messagesApi.countBadges>> {
  const { rows } = await pool.query<Item>(count, [[...new Set(userIds)]])
  return { items: rows }
}
