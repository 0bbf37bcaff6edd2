import { type messagesApi, type RouteQuery, type RouteReply, UserId } from '@finnigram/contracts'
import { type Actor, AppError, fromCursor, toCursor } from '@finnigram/service-kit'
import type { MessagesContext } from '../../context.ts'
import { type ParticipantRow, participantColumns, toParticipant } from './participant-row.ts'

type Page = typeof messagesApi.listParticipants

/** The reader's own row is the proof that they may ask, in the same snapshot as the page. */
const select = `SELECT ${participantColumns('$2')}
FROM participants reader
LEFT JOIN LATERAL (
  SELECT * FROM participants q
  WHERE q.conversation_id = $1 AND q.left_version IS NULL AND ($3::uuid IS NULL OR q.user_id > $3)
  ORDER BY q.user_id LIMIT $4
) p ON true
LEFT JOIN users_replica u ON u.id = p.user_id
WHERE reader.conversation_id = $1 AND reader.user_id = $2 AND reader.left_version IS NULL
ORDER BY p.user_id`

/** Who takes part, by user id. Throws `not_found`. */
export async function listParticipants(
  { pool }: MessagesContext,
  actor: Actor,
  { conversationId, limit, cursor }: { conversationId: string } & RouteQuery<Page>,
): Promise<RouteReply<Page>> {
  const after = cursor === undefined ? null : fromCursor(UserId, cursor, 'query.cursor')
  const { rows } = await pool.query<ParticipantRow | (ParticipantRow & { userId: null })>({
    name: 'list-participants',
    text: select,
    values: [conversationId, actor.userId, after, limit + 1],
  })
  if (rows.length === 0) throw new AppError('not_found')
  const items = rows.flatMap((row) => (row.userId === null ? [] : toParticipant(row, actor.userId)))
  const page = items.slice(0, limit)
  const last = page.at(-1)
  return { items: page, nextCursor: last && items.length > limit ? toCursor(last.userId) : null }
}
