import { type Conversation, maxParticipants } from '@finnigram/contracts'
import { AppError } from '@finnigram/service-kit'
import type { ConversationRow } from '../conversations/conversation-row.ts'
import type { LockedConversation } from '../conversations/with-locked-conversation.ts'
import { daysAfterDeclined, invitationsPerDay } from './invitation-rules.ts'

/**
 * Asks people whether they want to join a group: from now on it waits among their invitations, and their devices are
 * told. Who they are is for `sortByConsent` to say. Throws `rate_limited` when the actor asked too many people today,
 * `conflict` when the group would become too large if they all came.
 */
export async function invitePeople(
  { tx, conversation, log }: LockedConversation,
  { userIds, scale }: { userIds: readonly string[]; scale: number },
): Promise<void> {
  if (userIds.length === 0) return
  const waiting = await countWaiting(tx, conversation.id)
  requireSeats(conversation.participantCount + waiting + userIds.length)
  const { rows } = await tx.query<{ sent: number }>(
    `SELECT count(*)::int AS sent FROM group_invitations
WHERE invited_by = $1 AND created_at > now() - interval '1 day'`,
    [log.actorId],
  )
  if ((rows[0]?.sent ?? 0) + userIds.length > invitationsPerDay * scale) {
    throw new AppError('rate_limited', {
      detail: 'Too many invitations for a day',
      retryAfter: 3600,
    })
  }
  await tx.query(
    `DELETE FROM group_invitations
WHERE user_id = ANY($1::uuid[]) AND ended_at < now() - interval '${daysAfterDeclined} days'`,
    [userIds],
  )
  const invitedAt = new Date(log.at)
  await tx.query(
    `INSERT INTO group_invitations (conversation_id, user_id, invited_by, created_at)
SELECT $1, user_id, $3, $4 FROM unnest($2::uuid[]) AS asked (user_id) ORDER BY user_id
ON CONFLICT (conversation_id, user_id) DO UPDATE SET
  invited_by = excluded.invited_by, created_at = excluded.created_at, ended_at = NULL, was_declined = false`,
    [conversation.id, userIds, log.actorId, invitedAt],
  )
  const shown = toInvited({ ...conversation, invitedBy: log.actorId, invitedAt })
  for (const userId of userIds) log.emitAccountEvent(userId, 'conversation.invited', { conversation: shown })
}

/** People who were asked and have not answered: each keeps a seat. Hold the conversation's lock. */
export async function countWaiting(
  tx: LockedConversation['tx'],
  conversationId: string,
  apartFrom: readonly string[] = [],
): Promise<number> {
  const { rows } = await tx.query<{ waiting: number }>(
    `SELECT count(*)::int AS waiting FROM group_invitations
WHERE conversation_id = $1 AND ended_at IS NULL AND user_id <> ALL($2::uuid[])`,
    [conversationId, apartFrom],
  )
  return rows[0]?.waiting ?? 0
}

/** Throws `conflict` where a group has fewer seats than that. */
export function requireSeats(people: number): void {
  if (people <= maxParticipants) return
  throw new AppError('conflict', {
    detail: `A group has at most ${maxParticipants} people, those invited included`,
  })
}

export type InvitedRow = Pick<ConversationRow, 'id' | 'kind' | 'title' | 'avatarUrl' | 'participantCount'> & {
  invitedBy: string
  invitedAt: Date
}

/**
 * A group as somebody sees it who is only invited: what it is called, its picture, its size, who asked, and when. Clients
 * expect the other fields: who made the group is told as who asked, and when it was made as when they asked.
 */
export const toInvited = (row: InvitedRow): Conversation => ({
  id: row.id,
  kind: row.kind,
  title: row.title,
  description: null,
  avatarUrl: row.avatarUrl,
  createdBy: row.invitedBy,
  createdAt: row.invitedAt.toISOString(),
  lastSeq: 0,
  version: 0,
  participantCount: row.participantCount,
  sharesHistory: false,
  participants: [],
  lastMessage: null,
  me: {
    role: 'member',
    joinedSeq: 0,
    lastReadSeq: 0,
    lastDeliveredSeq: 0,
    unreadCount: 0,
    mentionCount: 0,
    mutedUntil: null,
    archived: false,
    pinned: false,
    notify: 'all',
    draft: null,
    state: 'invited',
    invitedBy: row.invitedBy,
  },
})
