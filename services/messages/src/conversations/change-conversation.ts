import type { Role } from '@finnigram/contracts'
import {
  type Actor,
  AppError,
  createKeyedSemaphore,
  type KeyedSemaphore,
  withTransaction,
} from '@finnigram/service-kit'
import type pg from 'pg'
import type { WithPool, WithRelay } from '../deps.ts'
import { type EventLog, openEventLog } from '../events/event-log.ts'
import { type ConversationRow, conversationColumns } from './conversation-row.ts'
import { findRole } from './permissions.ts'

/**
 * The transaction of every change that all participants see, except sends (`sends/`) and markers
 * (`markers/`), which are batched. Called by the use cases of conversations and of `edits/`.
 *
 * Promise: changes of one conversation happen one after the other. Each commits its rows, its
 * events and their outbox entries together, or nothing. Versions stay dense.
 *
 * Procedure:
 * 1. Wait until earlier changes of this conversation in this process are done (keyed mutex).
 * 2. Begin a transaction and lock the row of the conversation.
 * 3. Check that the caller is a participant, then do the work. The work emits events into `log`.
 * 4. Write the events with their versions and outbox entries, and commit.
 * 5. Wake the relay, which publishes the outbox.
 *
 * Locks are taken in one order: conversation, accounts (`users_replica`), invitations; several rows
 * of a table by id. Two changes therefore never deadlock.
 *
 * It never checks more than membership: what else a change requires is in `permissions.ts`.
 */

/** A conversation whose row is locked until the commit. */
export interface LockedConversation {
  tx: pg.PoolClient
  conversation: ConversationRow
  /** Collects the events of the change; they are written after the work. */
  log: EventLog
}

/** A locked conversation, and the role of the caller in it. */
export interface Change extends LockedConversation {
  role: Role
}

/** Changes a conversation as one of its participants. Throws `not_found` for everybody else. */
export const changeConversation = <T>(
  ctx: WithPool & WithRelay,
  { actor, conversationId }: { actor: Actor; conversationId: string },
  work: (change: Change) => Promise<T>,
): Promise<T> =>
  withLockedConversation(ctx, { actorId: actor.userId, conversationId }, async (locked) => {
    const role = await findRole(locked.tx, { conversationId, userId: actor.userId })
    if (role === undefined) throw new AppError('not_found')
    return work({ ...locked, role })
  })

/**
 * Changes a conversation without a look at who asks: `work` checks that. Throws `not_found` when
 * there is no such conversation, `unavailable` when too many changes of it wait.
 */
export async function withLockedConversation<T>(
  { pool, relay }: WithPool & WithRelay,
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
  const { result, partitions } = await runExclusive(pool, conversationId, transaction)
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

/** The columns that a change may set, by their name in a row. */
const columns = {
  title: 'title',
  description: 'description',
  avatarUrl: 'avatar_url',
  sharesHistory: 'shares_history',
  participantCount: 'participant_count',
} as const satisfies Partial<Record<keyof ConversationRow, string>>

/** Updates the row in the database and in memory, so that later events of the change carry it. */
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

/** Changes of one conversation that may wait in this process; further ones get `unavailable`. */
const mostWaiting = 1000

const mutexes = new WeakMap<pg.Pool, KeyedSemaphore<string>>()

/**
 * A mutex keyed by conversation. Waiting in PostgreSQL for the row lock would hold a connection:
 * ten reactions to one message would take the whole pool.
 */
async function runExclusive<T>(pool: pg.Pool, conversationId: string, work: () => Promise<T>): Promise<T> {
  const mutex = mutexes.get(pool) ?? createKeyedSemaphore<string>({ atOnce: 1, mostWaiting })
  mutexes.set(pool, mutex)
  const acquired = mutex.acquire(conversationId)
  if (!acquired) throw new AppError('unavailable', { retryAfter: 1 })
  const release = await acquired
  try {
    return await work()
  } finally {
    release()
  }
}
