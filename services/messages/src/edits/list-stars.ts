import { MessageId, type messagesApi, type RouteQuery, type RouteReply } from '@finnigram/contracts'
import { type Actor, fromCursor, toCursor } from '@finnigram/service-kit'
import { z } from 'zod'
import type { MessagesContext } from '../context.ts'
import { type MessageRow, messageColumns } from '../history/message-row.ts'
import { isReadable, toReadMessage } from '../history/to-read-message.ts'

type List = typeof messagesApi.listStars

/** When the last star of a page was set, in milliseconds (up to the last that a `Date` holds), and its message. */
const Place = z.tuple([z.int().min(0).max(8.64e15), MessageId])

const select = `SELECT s.starred_at AS "starredAt", p.joined_seq AS "joinedSeq", ${messageColumns}
FROM stars s
JOIN messages m ON m.id = s.message_id
JOIN participants p ON p.conversation_id = s.conversation_id AND p.user_id = s.user_id
WHERE s.user_id = $1 AND ${isReadable}
  AND ($2::timestamptz IS NULL OR (s.starred_at, s.message_id) < ($2, $3::uuid))
ORDER BY s.starred_at DESC, s.message_id DESC LIMIT $4`

/** The caller's stars, last starred first, of conversations they take part in now. */
export async function listStars(
  { pool }: MessagesContext,
  actor: Actor,
  { limit, cursor }: RouteQuery<List>,
): Promise<RouteReply<List>> {
  const [at, id] = cursor === undefined ? [null, null] : fromCursor(Place, cursor, 'query.cursor')
  const { rows } = await pool.query<MessageRow & { starredAt: Date; joinedSeq: number }>({
    name: 'list-stars',
    text: select,
    values: [actor.userId, at === null ? null : new Date(at), id, limit + 1],
  })
  const page = rows.slice(0, limit)
  const last = rows.length > limit ? page.at(-1) : undefined
  return {
    items: page.map((row) => ({ ...toReadMessage(row), starredAt: row.starredAt.toISOString() })),
    nextCursor: last ? toCursor([last.starredAt.getTime(), last.id]) : null,
  }
}
