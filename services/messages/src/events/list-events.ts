import type { messagesApi, RouteQuery } from '@finnigram/contracts'
import { type Actor, AppError, JsonText } from '@finnigram/service-kit'
import type { WithPool } from '../deps.ts'
import { readablePayload } from '../history/message-visibility.ts'

/** The reader's membership and the page of events, in one snapshot. */
const select = `WITH reader AS (
  SELECT c.version, c.compacted_version, p.joined_seq, greatest($3::int, p.joined_version - 1) AS after
  FROM participants p JOIN conversations c ON c.id = p.conversation_id
  WHERE p.conversation_id = $1 AND p.user_id = $2 AND p.left_version IS NULL
)
SELECT p.after, p.version AS newest, p.compacted_version AS compacted, e.version, e.payload
FROM reader p
LEFT JOIN LATERAL (
  SELECT e.version, ${readablePayload} AS payload FROM conversation_events e
  WHERE e.conversation_id = $1 AND e.version > p.after
  ORDER BY e.version LIMIT $4
) e ON true
ORDER BY e.version`

interface EventRow {
  after: number
  newest: number
  compacted: number
  version: number | null
  payload: string
}

/**
 * The events after a version, beginning with the reader's joining. Throws `not_found`, or `gone`
 * when some are compacted.
 */
export async function listEvents(
  { pool }: WithPool,
  actor: Actor,
  { conversationId, after, limit }: { conversationId: string } & RouteQuery<typeof messagesApi.listEvents>,
): Promise<JsonText> {
  const values = [conversationId, actor.userId, Math.min(after, 2 ** 31 - 1), limit]
  const { rows } = await pool.query<EventRow>({ name: 'list-events', text: select, values })
  const [first] = rows
  if (!first) throw new AppError('not_found')
  if (first.after < first.compacted) throw new AppError('gone', { detail: 'Fetch the conversation afresh' })
  const items = rows.flatMap(({ version, payload }) => (version === null ? [] : payload))
  const last = rows.at(-1)?.version ?? first.newest
  return new JsonText(`{"items":[${items.join(',')}],"hasMore":${last < first.newest}}`)
}
