import { MessageId, type messagesApi, type RouteQuery, type RouteReply } from '@finnigram/contracts'
import { type Actor, AppError, fromCursor, toCursor, withTransaction } from '@finnigram/service-kit'
import { z } from 'zod'
import type { Queryable, WithPool, WithRelay } from '../deps.ts'
import { emitAccountEvent } from '../events/account-events.ts'
import { type MessageRow, messageColumns } from '../history/message-row.ts'
import { isReadable, toReadMessage } from '../history/message-visibility.ts'

/** Stars of one person. */
const mostStars = 10_000

/**
 * Stars a message for the caller, and emits it to their devices. Idempotent. Throws `not_found`, or
 * `conflict` for a deleted message and for too many stars.
 */
export async function starMessage(
  { pool, relay }: WithPool & WithRelay,
  actor: Actor,
  messageId: string,
): Promise<void> {
  const partitions = await withTransaction(pool, async (tx) => {
    const { conversationId, isDeleted } = await requireReadable(tx, { messageId, userId: actor.userId })
    if (isDeleted) throw new AppError('conflict', { detail: 'The message is deleted' })
    const { rowCount } = await tx.query(
      'INSERT INTO stars (user_id, message_id, conversation_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
      [actor.userId, messageId, conversationId],
    )
    if (rowCount === 0) return []
    await requireCapacity(tx, actor)
    return emitAccountEvent(tx, actor.userId, {
      type: 'message.starred',
      data: { messageId, conversationId },
    })
  })
  if (partitions.length > 0) relay.wake(partitions)
}

/** Concurrent calls may exceed the bound by a few. */
async function requireCapacity(tx: Queryable, { userId }: Actor): Promise<void> {
  const { rowCount } = await tx.query(`SELECT FROM stars WHERE user_id = $1 LIMIT ${mostStars + 1}`, [userId])
  if ((rowCount ?? 0) <= mostStars) return
  throw new AppError('conflict', { detail: `At most ${mostStars} messages can be starred` })
}

/** Removes a star of the caller, and emits it to their devices. Idempotent. Throws `not_found`. */
export async function unstarMessage(
  { pool, relay }: WithPool & WithRelay,
  actor: Actor,
  messageId: string,
): Promise<void> {
  const partitions = await withTransaction(pool, async (tx) => {
    const { conversationId } = await requireReadable(tx, { messageId, userId: actor.userId })
    const { rowCount } = await tx.query('DELETE FROM stars WHERE user_id = $1 AND message_id = $2', [
      actor.userId,
      messageId,
    ])
    if (rowCount === 0) return []
    return emitAccountEvent(tx, actor.userId, {
      type: 'message.unstarred',
      data: { messageId, conversationId },
    })
  })
  if (partitions.length > 0) relay.wake(partitions)
}

/**
 * The lock on the message delays its deletion until the star is committed; the deletion then
 * removes it.
 */
const selectReadable = `SELECT m.conversation_id AS "conversationId", m.deleted_at IS NOT NULL AS "isDeleted"
FROM messages m JOIN participants p ON p.conversation_id = m.conversation_id AND p.user_id = $2
WHERE m.id = $1 AND ${isReadable}
FOR SHARE OF m`

/** The conversation of a message that the user may read. Throws `not_found`. */
async function requireReadable(
  tx: Queryable,
  { messageId, userId }: { messageId: string; userId: string },
): Promise<{ conversationId: string; isDeleted: boolean }> {
  const { rows } = await tx.query<{ conversationId: string; isDeleted: boolean }>(selectReadable, [
    messageId,
    userId,
  ])
  const [message] = rows
  if (!message) throw new AppError('not_found')
  return message
}

type List = typeof messagesApi.listStars

/** The last star of a page: time in milliseconds (at most what a `Date` holds), and message. */
const StarCursor = z.tuple([z.int().min(0).max(8.64e15), MessageId])

const selectPage = `SELECT s.starred_at AS "starredAt", p.joined_seq AS "joinedSeq", ${messageColumns}
FROM stars s
JOIN messages m ON m.id = s.message_id
JOIN participants p ON p.conversation_id = s.conversation_id AND p.user_id = s.user_id
WHERE s.user_id = $1 AND ${isReadable}
  AND ($2::timestamptz IS NULL OR (s.starred_at, s.message_id) < ($2, $3::uuid))
ORDER BY s.starred_at DESC, s.message_id DESC LIMIT $4`

/** The stars of the caller in their present conversations, newest first. */
export async function listStars(
  { pool }: WithPool,
  actor: Actor,
  { limit, cursor }: RouteQuery<List>,
): Promise<RouteReply<List>> {
  const [at, id] = cursor === undefined ? [null, null] : fromCursor(StarCursor, cursor, 'query.cursor')
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
