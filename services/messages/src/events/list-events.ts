import type { messagesApi, RouteQuery } from '@finnigram/contracts'
import { type Actor, AppError, JsonText } from '@finnigram/service-kit'
import type { MessagesContext } from '../context.ts'
import { readablePayload } from './readable-payload.ts'

/** What a reader may see of a conversation's events, and the page, in one snapshot. */
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

/** What happened after a version, from the event on by which the reader came in. Throws `not_found`, or `gone` when some of it is compacted. */
export async function listEvents(
  { pool }: MessagesContext,
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
