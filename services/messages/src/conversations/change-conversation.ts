import type { Role } from '@finnigram/contracts'
import { type Actor, AppError, withTransaction } from '@finnigram/service-kit'
import type pg from 'pg'
import type { MessagesContext } from '../context.ts'
import type { EventLog } from '../events/event-log.ts'
import { openEventLog } from '../events/event-log.ts'
import type { ConversationRow } from './conversation-row.ts'
import { conversationColumns } from './conversation-row.ts'
import { findRole } from './permissions.ts'

/** A conversation whose row is locked until the commit. */
export interface LockedConversation {
  tx: pg.PoolClient
  conversation: ConversationRow
  /** What the change makes true is told here; it is written when the work is done. */
  log: EventLog
}

/** Locks a conversation, does the work, and writes what it told in the same transaction. Who may do it is for `work` to check. Throws `not_found` when there is no such conversation. */
export async function withLockedConversation<T>(
  { pool, relay }: Pick<MessagesContext, 'pool' | 'relay'>,
  { actorId, conversationId }: { actorId: string; conversationId: string },
  work: (locked: LockedConversation) => Promise<T>,
): Promise<T> {
  const transaction = () =>
    withTransaction(pool, async (tx) => {
      const conversation = await lockConversation(tx, conversationId)
      const log = openEventLog({ conversationId, actorId, version: conversation.version })
      const result = await work({ tx, conversation, log })
      return { result, partitions: await log.write(tx) }
    })
  const { result, partitions } = await inTurn(pool, conversationId, transaction)
  if (partitions.length > 0) relay.wake(partitions)
  return result
}

/** What of a locked row changes with a change, by the name of its column. */
const columns = {
  title: 'title',
  description: 'description',
  avatarUrl: 'avatar_url',
  sharesHistory: 'shares_history',
  participantCount: 'participant_count',
} as const satisfies Partial<Record<keyof ConversationRow, string>>

/**
 * Changes the conversation's row, in the database and here alike: whatever is told afterwards knows
 * it as it is.
 */
export async function updateRow(
  { tx, conversation }: Pick<LockedConversation, 'tx' | 'conversation'>,
  changed: Partial<Pick<ConversationRow, keyof typeof columns>>,
): Promise<void> {
  const names = Object.keys(changed).filter((name): name is keyof typeof columns => name in columns)
  const assigned = names.map((name, i) => `${columns[name]} = $${i + 2}`)
  const values = names.map((name) => changed[name])
  await tx.query(`UPDATE conversations SET ${assigned.join(', ')} WHERE id = $1`, [
    conversation.id,
    ...values,
  ])
  Object.assign(conversation, changed)
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

/** Changes of one conversation that may wait for their turn here; more are turned away, to come back. */
const mostWaiting = 1000

interface Line {
  last: Promise<unknown>
  length: number
}

const linesOf = new WeakMap<pg.Pool, Map<string, Line>>()

/**
 * Does work on a conversation when what this process was asked to do on it before is done. Who waited in PostgreSQL for
 * the lock of its row would hold a connection meanwhile: ten people who react to the same message would take the whole
 * pool from everyone else. Throws `unavailable` when too many wait.
 */
async function inTurn<T>(pool: pg.Pool, conversationId: string, work: () => Promise<T>): Promise<T> {
  const lines = linesOf.get(pool) ?? new Map<string, Line>()
  linesOf.set(pool, lines)
  const line = lines.get(conversationId) ?? { last: Promise.resolve(), length: 0 }
  lines.set(conversationId, line)
  if (line.length >= mostWaiting) throw new AppError('unavailable', { retryAfter: 1 })
  line.length += 1
  const turn = line.last.then(work)
  line.last = turn.catch(() => {})
  try {
    return await turn
  } finally {
    line.length -= 1
    if (line.length === 0) lines.delete(conversationId)
  }
}

/** A conversation whose row is locked, and the caller, who takes part in it. */
export interface Change extends LockedConversation {
  role: Role
}

/**
 * Changes a conversation: locks it, checks that the caller takes part, does the work, and writes what it told in the same
 * transaction. Throws `not_found` for strangers and former participants.
 */
export const changeConversation = <T>(
  ctx: Pick<MessagesContext, 'pool' | 'relay'>,
  { actor, conversationId }: { actor: Actor; conversationId: string },
  work: (change: Change) => Promise<T>,
): Promise<T> =>
  withLockedConversation(ctx, { actorId: actor.userId, conversationId }, async (locked) => {
    const role = await findRole(locked.tx, { conversationId, userId: actor.userId })
    if (role === undefined) throw new AppError('not_found')
    return work({ ...locked, role })
  })
