import type { Role } from '@finnigram/contracts'
import { type Actor, AppError, withTransaction } from '@finnigram/service-kit'
import type pg from 'pg'
import type { MessagesContext } from '../context.ts'
import { type EventLog, openEventLog } from '../events/event-log.ts'
import { type ConversationRow, conversationColumns } from './conversation-row.ts'

/** A conversation whose row is locked, and the caller, who takes part in it. */
export interface Change {
  tx: pg.PoolClient
  conversation: ConversationRow
  role: Role
  /** What the change makes true is told here; it is written when the work is done. */
  log: EventLog
}

/**
 * Changes a conversation: locks it, checks that the caller takes part, does the work, and writes what it told in the same
 * transaction. Throws `not_found` for strangers and former participants.
 */
export async function changeConversation<T>(
  { pool, relay }: Pick<MessagesContext, 'pool' | 'relay'>,
  { actor, conversationId }: { actor: Actor; conversationId: string },
  work: (change: Change) => Promise<T>,
): Promise<T> {
  const { result, partitions } = await withTransaction(pool, async (tx) => {
    const conversation = await lockConversation(tx, conversationId)
    const role = await requireRole(tx, { conversationId, userId: actor.userId })
    const log = openEventLog({ conversationId, actorId: actor.userId, version: conversation.version })
    const result = await work({ tx, conversation, role, log })
    return { result, partitions: await log.write(tx) }
  })
  if (partitions.length > 0) relay.wake(partitions)
  return result
}

async function lockConversation(tx: pg.PoolClient, id: string): Promise<ConversationRow> {
  const { rows } = await tx.query<ConversationRow>(
    `SELECT ${conversationColumns} FROM conversations c WHERE c.id = $1 FOR NO KEY UPDATE`,
    [id],
  )
  const [row] = rows
  if (!row) throw new AppError('not_found')
  return row
}

/** The part somebody has in a conversation now. Throws `not_found` when they have none. */
async function requireRole(
  tx: pg.PoolClient,
  { conversationId, userId }: { conversationId: string; userId: string },
): Promise<Role> {
  const { rows } = await tx.query<{ role: Role }>(
    'SELECT role FROM participants WHERE conversation_id = $1 AND user_id = $2 AND left_version IS NULL',
    [conversationId, userId],
  )
  const [row] = rows
  if (!row) throw new AppError('not_found')
  return row.role
}
