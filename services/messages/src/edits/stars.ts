import type { messagesApi, RouteQuery, RouteReply } from '@finnigram/contracts'
import { MessageId } from '@finnigram/contracts'
import { type Actor, AppError, fromCursor, toCursor, withTransaction } from '@finnigram/service-kit'
import { z } from 'zod'
import type { MessagesContext } from '../context.ts'
import type { Snapshot } from '../conversations/load-conversations.ts'
import { tellAccount } from '../events/account-events.ts'
import type { MessageRow } from '../history/message-row.ts'
import { messageColumns } from '../history/message-row.ts'
import { isReadable, toReadMessage } from '../history/to-read-message.ts'

/** Stars of one person: more than anyone looks through. */
const mostStars = 10_000

/** Keeps a message among the caller's stars, and tells their devices; starred already, nothing happens. Throws `not_found`, or `conflict` for a deleted message and for too many stars. */
export async function starMessage(
  { pool, relay }: MessagesContext,
  actor: Actor,
  messageId: string,
): Promise<void> {
  const partitions = await withTransaction(pool, async (tx) => {
    const { conversationId, isDeleted } = await findVisible(tx, { messageId, userId: actor.userId })
    if (isDeleted) throw new AppError('conflict', { detail: 'The message is deleted' })
    const { rowCount } = await tx.query(
      'INSERT INTO stars (user_id, message_id, conversation_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
      [actor.userId, messageId, conversationId],
    )
    if (rowCount === 0) return []
    await requireRoom(tx, actor)
    return tellAccount(tx, actor.userId, { type: 'message.starred', data: { messageId, conversationId } })
  })
  if (partitions.length > 0) relay.wake(partitions)
}

/** Two who star at the same moment may come a few above it. */
async function requireRoom(tx: Snapshot, { userId }: Actor): Promise<void> {
  const { rowCount } = await tx.query(`SELECT FROM stars WHERE user_id = $1 LIMIT ${mostStars + 1}`, [userId])
  if ((rowCount ?? 0) <= mostStars) return
  throw new AppError('conflict', { detail: `At most ${mostStars} messages can be starred` })
}

/** Takes a message out of the caller's stars, and tells their devices; not starred, nothing happens. Throws `not_found`. */
export async function unstarMessage(
  { pool, relay }: MessagesContext,
  actor: Actor,
  messageId: string,
): Promise<void> {
  const partitions = await withTransaction(pool, async (tx) => {
    const { conversationId } = await findVisible(tx, { messageId, userId: actor.userId })
    const { rowCount } = await tx.query('DELETE FROM stars WHERE user_id = $1 AND message_id = $2', [
      actor.userId,
      messageId,
    ])
    if (rowCount === 0) return []
    return tellAccount(tx, actor.userId, { type: 'message.unstarred', data: { messageId, conversationId } })
  })
  if (partitions.length > 0) relay.wake(partitions)
}

/** The lock on the message keeps it from being deleted until a star of it is committed, which the deletion then takes along. */
const select = `SELECT m.conversation_id AS "conversationId", m.deleted_at IS NOT NULL AS "isDeleted"
FROM messages m JOIN participants p ON p.conversation_id = m.conversation_id AND p.user_id = $2
WHERE m.id = $1 AND ${isReadable}
FOR SHARE OF m`

/** Where a message is that the person can see now. Throws `not_found`. */
async function findVisible(
  tx: Snapshot,
  { messageId, userId }: { messageId: string; userId: string },
): Promise<{ conversationId: string; isDeleted: boolean }> {
  const { rows } = await tx.query<{ conversationId: string; isDeleted: boolean }>(select, [messageId, userId])
  const [message] = rows
  if (!message) throw new AppError('not_found')
  return message
}

type List = typeof messagesApi.listStars

/** When the last star of a page was set, in milliseconds (up to the last that a `Date` holds), and its message. */
const Place = z.tuple([z.int().min(0).max(8.64e15), MessageId])

const selectPage = `SELECT s.starred_at AS "starredAt", p.joined_seq AS "joinedSeq", ${messageColumns}
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
    text: selectPage,
    values: [actor.userId, at === null ? null : new Date(at), id, limit + 1],
  })
  const page = rows.slice(0, limit)
  const last = rows.length > limit ? page.at(-1) : undefined
  return {
    items: page.map((row) => ({ ...toReadMessage(row), starredAt: row.starredAt.toISOString() })),
    nextCursor: last ? toCursor([last.starredAt.getTime(), last.id]) : null,
  }
}
