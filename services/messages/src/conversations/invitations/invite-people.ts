import { type Conversation, maxParticipants } from '@finnigram/contracts'
import { AppError, type Metrics } from '@finnigram/service-kit'
import type { LockedConversation } from '../change-conversation.ts'
import type { ConversationRow } from '../conversation-row.ts'
import { daysAfterDeclined } from './partition-by-consent.ts'

/** Invitations that one person sends in a day; times `RATE_LIMIT_SCALE`. */
const invitationsPerDay = 1000

/**
 * Inserts invitations to a group, and emits them to the devices of the invited. `sortByConsent`
 * decides who is invited. Throws `rate_limited` for too many invitations of the actor in a day,
 * `conflict` when the group would become too large if everybody accepted.
 */
export async function invitePeople(
  { tx, conversation, log }: LockedConversation,
  { userIds, scale }: { userIds: readonly string[]; scale: number },
): Promise<void> {
  if (userIds.length === 0) return
  const waiting = await countPendingInvitations(tx, conversation.id)
  requireCapacity(conversation.participantCount + waiting + userIds.length)
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

/**
 * Pending invitations, each of which reserves a place. Call it under the lock of the conversation.
 */
export async function countPendingInvitations(
  tx: LockedConversation['tx'],
  conversationId: string,
  except: readonly string[] = [],
): Promise<number> {
  const { rows } = await tx.query<{ waiting: number }>(
    `SELECT count(*)::int AS waiting FROM group_invitations
WHERE conversation_id = $1 AND ended_at IS NULL AND user_id <> ALL($2::uuid[])`,
    [conversationId, except],
  )
  return rows[0]?.waiting ?? 0
}

/** Throws `conflict` for more people than a group may have. */
export function requireCapacity(people: number): void {
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
 * A group as an invited person sees it: title, picture, size, who invited them and when. Clients
 * expect the other fields too: the inviter stands for the creator, the time of the invitation for
 * that of the creation.
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

type Outcome = 'sent' | 'left_out' | 'accepted' | 'declined' | 'withdrawn'

export const countInvitations = (metrics: Metrics, outcome: Outcome, count = 1): void =>
  metrics
    .counter('group_invitations_total', 'Invitations to groups, by what became of them', ['outcome'])
    .inc({ outcome }, count)
