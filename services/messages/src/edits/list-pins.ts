import { MessageId, type messagesApi, type RouteQuery, type RouteReply } from '@finnigram/contracts'
import { type Actor, AppError, fromCursor, toCursor } from '@finnigram/service-kit'
import { z } from 'zod'
import type { MessagesContext } from '../context.ts'
import { type MessageRow, messageColumns } from '../history/message-row.ts'
import { toReadMessage } from '../history/to-read-message.ts'

type List = typeof messagesApi.listPins

/** When the last pin of a page was set, in milliseconds (up to the last that a `Date` holds), and its message. */
const Place = z.tuple([z.int().min(0).max(8.64e15), MessageId])

const select = `WITH reader AS (
  SELECT p.joined_seq FROM participants p
  WHERE p.conversation_id = $1 AND p.user_id = $2 AND p.left_version IS NULL
)
SELECT pinned.pinned_by AS "pinnedBy", pinned.pinned_at AS "pinnedAt", reader.joined_seq AS "joinedSeq", ${messageColumns}
FROM reader
LEFT JOIN LATERAL (
  SELECT q.* FROM pins q JOIN messages n ON n.id = q.message_id
  WHERE q.conversation_id = $1 AND n.seq > reader.joined_seq
    AND ($3::timestamptz IS NULL OR (q.pinned_at, q.message_id) < ($3, $4::uuid))
  ORDER BY q.pinned_at DESC, q.message_id DESC LIMIT $5
) pinned ON true
LEFT JOIN messages m ON m.id = pinned.message_id
ORDER BY pinned.pinned_at DESC, pinned.message_id DESC`

type PinRow = (MessageRow & { pinnedBy: string; pinnedAt: Date; joinedSeq: number }) | { id: null }

/** The pinned messages that the reader may see, last pinned first. Throws `not_found`. */
export async function listPins(
  { pool }: MessagesContext,
  actor: Actor,
  { conversationId, limit, cursor }: { conversationId: string } & RouteQuery<List>,
): Promise<RouteReply<List>> {
  const [at, id] = cursor === undefined ? [null, null] : fromCursor(Place, cursor, 'query.cursor')
  const { rows } = await pool.query<PinRow>({
    name: 'list-pins',
    text: select,
    values: [conversationId, actor.userId, at === null ? null : new Date(at), id, limit + 1],
  })
  if (rows.length === 0) throw new AppError('not_found')
  const pins = rows.flatMap((row) => (row.id === null ? [] : row))
  const page = pins.slice(0, limit)
  const last = pins.length > limit ? page.at(-1) : undefined
  return {
    items: page.map((row) => ({
      ...toReadMessage(row),
      pinnedBy: row.pinnedBy,
      pinnedAt: row.pinnedAt.toISOString(),
    })),
    nextCursor: last ? toCursor([last.pinnedAt.getTime(), last.id]) : null,
  }
}
