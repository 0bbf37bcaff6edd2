import type { Role } from '@finnigram/contracts'
import { type Actor, AppError } from '@finnigram/service-kit'
import type { Queryable, WithPool } from '../deps.ts'
import type { EventLog } from '../events/event-log.ts'
import type { ConversationRow } from './conversation-row.ts'
import { type ParticipantRow, participantColumns } from './participants/participant-row.ts'

/**
 * Who may do what in a conversation. Use cases call these checks; the lock of the conversation
 * makes those inside a change hold until the commit.
 *
 * | who | may |
 * |---|---|
 * | participant | read from their joining on, send, react, pin, set their own settings |
 * | author | edit a message, delete it; nobody touches a system message |
 * | admin, owner of a group | rename it, change its picture, add people, delete messages |
 * | admin | remove members |
 * | owner | remove anybody, change roles |
 * | anybody in a group | leave it; the last owner names another owner first |
 *
 * A stranger and a former participant get `not_found`, as if the conversation did not exist. A
 * participant without the right gets `forbidden`. A direct conversation has nothing to manage. It
 * takes nothing new while one of the two blocks the other.
 *
 * What a participant may read of a message is not decided here but in
 * `history/message-visibility.ts`. Who may add whom to a group is decided in
 * `invitations/partition-by-consent.ts`.
 */

/** A conversation that is being changed, as far as the checks look at it. */
interface Locked {
  tx: Queryable
  conversation: Pick<ConversationRow, 'id' | 'kind'>
}

/** The role of a participant; `undefined` for everybody else. */
export async function findRole(
  tx: Queryable,
  { conversationId, userId }: { conversationId: string; userId: string },
): Promise<Role | undefined> {
  const { rows } = await tx.query<{ role: Role }>(
    'SELECT role FROM participants WHERE conversation_id = $1 AND user_id = $2 AND left_version IS NULL',
    [conversationId, userId],
  )
  return rows[0]?.role
}

/** Requires an owner or admin of a group. Throws `forbidden`. */
export function requireManagedGroup({
  conversation,
  role,
}: {
  conversation: Pick<ConversationRow, 'kind'>
  role: Role
}): void {
  if (conversation.kind !== 'group') {
    throw new AppError('forbidden', { detail: 'A direct conversation has nothing to manage' })
  }
  if (role === 'member') throw new AppError('forbidden', { detail: 'Only owners and admins may do this' })
}

/**
 * The same without a lock: for reads, or before costly work whose transaction checks it again.
 * Throws `not_found` or `forbidden`.
 */
export async function requireGroupManager(
  { pool }: WithPool,
  actor: Actor,
  conversationId: string,
): Promise<void> {
  const { rows } = await pool.query<{ kind: ConversationRow['kind']; role: Role }>(
    `SELECT c.kind, p.role FROM participants p JOIN conversations c ON c.id = p.conversation_id
WHERE p.conversation_id = $1 AND p.user_id = $2 AND p.left_version IS NULL`,
    [conversationId, actor.userId],
  )
  const [row] = rows
  if (!row) throw new AppError('not_found')
  requireManagedGroup({ conversation: { kind: row.kind }, role: row.role })
}

/** A participant of the conversation that is being changed. Throws `not_found`. */
export async function requireParticipant(
  { tx, conversation, log }: Locked & { log: Pick<EventLog, 'actorId'> },
  userId: string,
): Promise<ParticipantRow> {
  const { rows } = await tx.query<ParticipantRow>(
    `SELECT ${participantColumns('$3')} FROM participants p LEFT JOIN users_replica u ON u.id = p.user_id
WHERE p.conversation_id = $1 AND p.user_id = $2 AND p.left_version IS NULL`,
    [conversation.id, userId, log.actorId],
  )
  const [row] = rows
  if (!row) throw new AppError('not_found')
  return row
}

/**
 * Requires that a group keeps an owner without this one. The lock of the conversation stops two
 * owners from leaving at once. Throws `last_owner`.
 */
export async function requireAnotherOwner({ tx, conversation }: Locked, ownerId: string): Promise<void> {
  const { rows } = await tx.query(
    `SELECT 1 FROM participants
WHERE conversation_id = $1 AND user_id <> $2 AND role = 'owner' AND left_version IS NULL LIMIT 1`,
    [conversation.id, ownerId],
  )
  if (rows.length === 0) throw new AppError('last_owner', { detail: 'Name another owner first' })
}

/**
 * Requires that neither of the two in a direct conversation blocks the other. Throws `forbidden`.
 */
export async function requireUnblocked({ tx, conversation }: Locked): Promise<void> {
  if (conversation.kind !== 'direct') return
  const { rows } = await tx.query<{ isBlocked: boolean }>(
    'SELECT is_blocked(pair_key) AS "isBlocked" FROM conversations WHERE id = $1',
    [conversation.id],
  )
  if (rows[0]?.isBlocked) throw new AppError('forbidden', { detail: 'Nothing can be sent to this person' })
}
