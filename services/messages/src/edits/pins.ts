import { MessageId, type messagesApi, type RouteQuery, type RouteReply } from '@finnigram/contracts'
import { type Actor, AppError, fromCursor, toCursor } from '@finnigram/service-kit'
import { z } from 'zod'
import type { Change } from '../conversations/change-conversation.ts'
import { requireUnblocked } from '../conversations/permissions.ts'
import type { WithPool, WithRelay } from '../deps.ts'
import { insertSystemMessage } from '../history/insert-system-message.ts'
import { type MessageRow, messageColumns } from '../history/message-row.ts'
import { toReadMessage } from '../history/message-visibility.ts'
import { changeMessage } from './change-message.ts'

/** Pins of one conversation. */
const mostPins = 100

/**
 * Pins a message for all participants, with a system message. Idempotent. Throws `not_found`,
 * `forbidden`, or `conflict` for deleted and system messages and for too many pins.
 */
export const pinMessage = (ctx: WithPool & WithRelay, actor: Actor, messageId: string): Promise<void> =>
  changeMessage(ctx, { actor, messageId }, async (change, { kind, deletedAt, seq }) => {
    if (kind === 'system') throw new AppError('conflict', { detail: 'A system message cannot be pinned' })
    if (deletedAt) throw new AppError('conflict', { detail: 'The message is deleted' })
    await requireUnblocked(change)
    const isNew = await insertPin(change, messageId)
    if (!isNew) return
    await requireCapacity(change)
    change.log.emit('message.pinned', { messageId, seq })
    await insertSystemMessage(change, { type: 'message.pinned', messageId, seq })
  })

async function insertPin({ tx, conversation, log }: Change, messageId: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    `INSERT INTO pins (conversation_id, message_id, pinned_by, pinned_at) VALUES ($1, $2, $3, $4)
ON CONFLICT DO NOTHING`,
    [conversation.id, messageId, log.actorId, log.at],
  )
  return rowCount === 1
}

async function requireCapacity({ tx, conversation }: Change): Promise<void> {
  const { rows } = await tx.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM pins WHERE conversation_id = $1',
    [conversation.id],
  )
  if ((rows[0]?.count ?? 0) > mostPins) {
    throw new AppError('conflict', { detail: `A conversation has at most ${mostPins} pinned messages` })
  }
}

/** Unpins a message for all; every participant may. Idempotent. Throws `not_found`. */
export const unpinMessage = (ctx: WithPool & WithRelay, actor: Actor, messageId: string): Promise<void> =>
  changeMessage(ctx, { actor, messageId }, async ({ tx, log }, { seq }) => {
    const { rowCount } = await tx.query('DELETE FROM pins WHERE message_id = $1', [messageId])
    if (rowCount === 1) log.emit('message.unpinned', { messageId, seq })
  })

type List = typeof messagesApi.listPins

/** The last pin of a page: time in milliseconds (at most what a `Date` holds), and message. */
const PinCursor = z.tuple([z.int().min(0).max(8.64e15), MessageId])

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

/** The pins that the reader may read, newest first. Throws `not_found`. */
export async function listPins(
  { pool }: WithPool,
  actor: Actor,
  { conversationId, limit, cursor }: { conversationId: string } & RouteQuery<List>,
): Promise<RouteReply<List>> {
  const [at, id] = cursor === undefined ? [null, null] : fromCursor(PinCursor, cursor, 'query.cursor')
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
