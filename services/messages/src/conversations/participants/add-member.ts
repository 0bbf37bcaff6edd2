import type { SystemNotice } from '@finnigram/contracts'
import { insertSystemMessage } from '../../history/insert-system-message.ts'
import { type LockedConversation, updateRow } from '../change-conversation.ts'
import { countPendingInvitations, requireCapacity } from '../invitations/invite-people.ts'
import { lockAccounts } from '../invitations/partition-by-consent.ts'
import { type ParticipantRow, toParticipant } from './participant-row.ts'

/**
 * Adds members to a group, with a system message; participants stay as they are. The system message
 * comes first: new members read what comes after it, unless the group shares its history. The
 * caller checks their consent. Throws `conflict` when the group would become too large or an
 * account has just ended.
 */
export async function addMembers(
  locked: LockedConversation,
  userIds: readonly string[],
  systemMessageOf: (newIds: readonly string[]) => SystemNotice,
): Promise<void> {
  const { tx, conversation, log } = locked
  const newIds = await excludeMembers(locked, userIds)
  if (newIds.length === 0) return
  const count = conversation.participantCount + newIds.length
  requireCapacity(count + (await countPendingInvitations(tx, conversation.id, newIds)))
  const people = await lockAccounts(tx, newIds)
  await insertSystemMessage(locked, systemMessageOf(newIds))

  const { lastSeq } = conversation
  const joinedAt = new Date(log.at)
  const versions = people.map(({ profile, profileVersion, hidesReads }) => {
    const membership = { role: 'member' as const, joinedAt, lastReadSeq: lastSeq, lastDeliveredSeq: lastSeq }
    const frozen = { shownReadSeq: null, shownDeliveredSeq: null }
    // Everybody gets the same event, also people whom the new member blocked.
    const user = { profile, profileVersion, hidesBio: true, hidesReads }
    const row: ParticipantRow = { userId: profile.id, ...membership, ...frozen, ...user }
    return log.emit('participant.added', { participant: toParticipant(row) })
  })
  const joinedSeq = conversation.sharesHistory ? 0 : lastSeq
  const ids = people.map(({ profile }) => profile.id)
  await tx.query(insert, [conversation.id, ids, versions, lastSeq, joinedAt, joinedSeq])
  await updateRow(locked, { participantCount: count })
  await deleteInvitations(locked, ids)
}

/** A member has no invitation. */
async function deleteInvitations(
  { tx, conversation, log }: LockedConversation,
  userIds: readonly string[],
): Promise<void> {
  const { rows } = await tx.query<{ userId: string; isWaiting: boolean }>(
    `DELETE FROM group_invitations WHERE conversation_id = $1 AND user_id = ANY($2::uuid[])
RETURNING user_id AS "userId", ended_at IS NULL AS "isWaiting"`,
    [conversation.id, userIds],
  )
  const ended = { conversationId: conversation.id }
  for (const { userId, isWaiting } of rows)
    if (isWaiting) log.emitAccountEvent(userId, 'conversation.invitation.ended', ended)
}

/** Those of these people who are not members. */
export async function excludeMembers(
  { tx, conversation }: LockedConversation,
  userIds: readonly string[],
): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    `SELECT user_id AS id FROM participants
WHERE conversation_id = $1 AND user_id = ANY($2::uuid[]) AND left_version IS NULL`,
    [conversation.id, userIds],
  )
  const members = new Set(rows.map(({ id }) => id))
  return [...new Set(userIds)].filter((id) => !members.has(id))
}

/** A former member starts afresh: with the settings, markers and joining time of a new one. */
const insert = `INSERT INTO participants (conversation_id, user_id, role, joined_at, joined_seq, joined_version, last_read_seq, last_delivered_seq, marker_at)
SELECT $1, user_id, 'member', $5, $6, version, $4, $4, now()
FROM unnest($2::uuid[], $3::int[]) AS member (user_id, version)
ORDER BY user_id
ON CONFLICT (conversation_id, user_id) DO UPDATE SET
  role = excluded.role, joined_at = excluded.joined_at, joined_seq = excluded.joined_seq,
  joined_version = excluded.joined_version, left_version = NULL, was_removed = false, last_read_seq = excluded.last_read_seq,
  last_delivered_seq = excluded.last_delivered_seq, marker_at = excluded.marker_at, muted_until = NULL,
  archived = false, pinned = false, notify = 'all', draft = NULL, draft_at = NULL, draft_device = NULL,
  me_at = NULL`
