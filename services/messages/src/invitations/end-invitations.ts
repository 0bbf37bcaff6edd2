import { type Actor, AppError, withTransaction } from '@finnigram/service-kit'
import type pg from 'pg'
import type { MessagesContext } from '../context.ts'
import { changeConversation } from '../conversations/change-conversation.ts'
import { requireManagedGroup } from '../conversations/require-managed-group.ts'
import type { LockedConversation } from '../conversations/with-locked-conversation.ts'
import { emitAccountEvents } from '../events/account-events.ts'
import { countInvitations } from './invitation-metrics.ts'

interface Place {
  conversationId: string
  userId: string
}

/** Declines an invitation of the caller's; whether there was one. The group does not ask again for a month. */
export async function declineInvitation(
  ctx: Pick<MessagesContext, 'pool' | 'relay' | 'metrics'>,
  { conversationId, userId }: Place,
): Promise<boolean> {
  const partitions = await withTransaction(ctx.pool, async (tx) => {
    const { rowCount } = await tx.query(
      `UPDATE group_invitations SET ended_at = now(), was_declined = true
WHERE conversation_id = $1 AND user_id = $2 AND ended_at IS NULL AND NOT EXISTS (
  SELECT FROM participants p WHERE p.conversation_id = $1 AND p.user_id = $2 AND p.left_version IS NULL
)`,
      [conversationId, userId],
    )
    return rowCount === 0 ? undefined : tellEnded(tx, [{ conversationId, userId }])
  })
  if (!partitions) return false
  ctx.relay.wake(partitions)
  countInvitations(ctx.metrics, 'declined')
  return true
}

/** Withdraws an invitation to a group. Throws `not_found` or `forbidden`. */
export async function withdrawInvitation(
  ctx: MessagesContext,
  actor: Actor,
  { conversationId, userId }: Place,
): Promise<void> {
  await changeConversation(ctx, { actor, conversationId }, async (change) => {
    requireManagedGroup(change)
    const { rowCount } = await change.tx.query(
      `UPDATE group_invitations SET ended_at = now()
WHERE conversation_id = $1 AND user_id = $2 AND ended_at IS NULL`,
      [conversationId, userId],
    )
    if (rowCount === 0) throw new AppError('not_found')
    change.log.emitAccountEvent(userId, 'conversation.invitation.ended', { conversationId })
  })
  countInvitations(ctx.metrics, 'withdrawn')
}

/** Ends all that somebody invited to a group by, links and invitations: they manage it no longer. Rows are locked in id order, as everywhere here: two that end at once do not wait for each other. */
export async function endInvitesOf(
  { tx, conversation, log }: LockedConversation,
  userId: string,
): Promise<void> {
  await tx.query(
    'UPDATE invites SET revoked_at = now() WHERE conversation_id = $1 AND created_by = $2 AND revoked_at IS NULL',
    [conversation.id, userId],
  )
  const { rows } = await tx.query<{ userId: string }>(
    `WITH ending AS (
  SELECT user_id FROM group_invitations
  WHERE conversation_id = $1 AND invited_by = $2 AND ended_at IS NULL ORDER BY user_id FOR UPDATE
)
UPDATE group_invitations g SET ended_at = now()
FROM ending WHERE g.conversation_id = $1 AND g.user_id = ending.user_id RETURNING g.user_id AS "userId"`,
    [conversation.id, userId],
  )
  const ended = { conversationId: conversation.id }
  for (const invited of rows) log.emitAccountEvent(invited.userId, 'conversation.invitation.ended', ended)
}

/** Ends the invitations between people of whom one has blocked the other; where it was the one who is invited, as if declined. */
export async function endInvitationsBetween(
  tx: pg.PoolClient,
  pairs: readonly { userId: string; blockedId: string }[],
): Promise<void> {
  if (pairs.length === 0) return
  const { rows } = await tx.query<Place>(
    `WITH ending AS (
  SELECT g.conversation_id, g.user_id, g.user_id = pair.blocker AS by_invited
  FROM unnest($1::uuid[], $2::uuid[]) AS pair (blocker, blocked)
  CROSS JOIN LATERAL (VALUES (pair.blocker, pair.blocked), (pair.blocked, pair.blocker)) AS way (invited, inviter)
  JOIN group_invitations g ON g.user_id = way.invited AND g.invited_by = way.inviter AND g.ended_at IS NULL
  ORDER BY g.conversation_id, g.user_id FOR UPDATE OF g
)
UPDATE group_invitations g SET ended_at = now(), was_declined = ending.by_invited
FROM ending WHERE g.conversation_id = ending.conversation_id AND g.user_id = ending.user_id
RETURNING g.conversation_id AS "conversationId", g.user_id AS "userId"`,
    [pairs.map(({ userId }) => userId), pairs.map(({ blockedId }) => blockedId)],
  )
  await tellEnded(tx, rows)
}

const tellEnded = (tx: pg.PoolClient, ended: readonly Place[]) =>
  emitAccountEvents(
    tx,
    ended.map(({ conversationId, userId }) => ({
      userId,
      type: 'conversation.invitation.ended',
      data: { conversationId },
    })),
  )
