import type { SystemNotice } from '@finnigram/contracts'
import { type LockedConversation, updateRow } from '../conversations/with-locked-conversation.ts'
import { insertSystemMessage } from '../history/insert-system-message.ts'
import { countWaiting, requireSeats } from '../invitations/invite-people.ts'
import { holdAccounts } from '../invitations/sort-by-consent.ts'
import { type ParticipantRow, toParticipant } from './participant-row.ts'

/**
 * Lets people into a group, with the notice that says so; who is in already stays as they are. The notice comes first:
 * what newcomers may read begins after it, unless the group shares its history. Whether they want to be in is for the
 * caller to know. Throws `conflict` when the group would become too large, or when somebody's account has just ended.
 */
export async function letIn(
  locked: LockedConversation,
  userIds: readonly string[],
  noticeOf: (newcomers: readonly string[]) => SystemNotice,
): Promise<void> {
  const { tx, conversation, log } = locked
  const newcomers = await readNewcomers(locked, userIds)
  if (newcomers.length === 0) return
  const count = conversation.participantCount + newcomers.length
  requireSeats(count + (await countWaiting(tx, conversation.id, newcomers)))
  const people = await holdAccounts(tx, newcomers)
  await insertSystemMessage(locked, noticeOf(newcomers))

  const { lastSeq } = conversation
  const joinedAt = new Date(log.at)
  const versions = people.map(({ profile, profileVersion, hidesReads }) => {
    const place = { role: 'member' as const, joinedAt, lastReadSeq: lastSeq, lastDeliveredSeq: lastSeq }
    const shown = { shownReadSeq: null, shownDeliveredSeq: null }
    // Everyone reads the same event, also those whom the person blocked.
    const told = { profile, profileVersion, hidesBio: true, hidesReads }
    const row: ParticipantRow = { userId: profile.id, ...place, ...shown, ...told }
    return log.emit('participant.added', { participant: toParticipant(row) })
  })
  const joinedSeq = conversation.sharesHistory ? 0 : lastSeq
  const ids = people.map(({ profile }) => profile.id)
  await tx.query(join, [conversation.id, ids, versions, lastSeq, joinedAt, joinedSeq])
  await updateRow(locked, { participantCount: count })
  await answerInvitations(locked, ids)
}

/** Who is in is invited no longer. */
async function answerInvitations(
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

/** Of these people, those who do not take part. */
export async function readNewcomers(
  { tx, conversation }: LockedConversation,
  userIds: readonly string[],
): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    `SELECT user_id AS id FROM participants
WHERE conversation_id = $1 AND user_id = ANY($2::uuid[]) AND left_version IS NULL`,
    [conversation.id, userIds],
  )
  const inside = new Set(rows.map(({ id }) => id))
  return [...new Set(userIds)].filter((id) => !inside.has(id))
}

/** Who was here before begins anew. */
const join = `INSERT INTO participants (conversation_id, user_id, role, joined_at, joined_seq, joined_version, last_read_seq, last_delivered_seq, marker_at)
SELECT $1, user_id, 'member', $5, $6, version, $4, $4, now()
FROM unnest($2::uuid[], $3::int[]) AS newcomer (user_id, version)
ORDER BY user_id
ON CONFLICT (conversation_id, user_id) DO UPDATE SET
  role = excluded.role, joined_at = excluded.joined_at, joined_seq = excluded.joined_seq,
  joined_version = excluded.joined_version, left_version = NULL, was_removed = false, last_read_seq = excluded.last_read_seq,
  last_delivered_seq = excluded.last_delivered_seq, marker_at = excluded.marker_at, muted_until = NULL,
  archived = false, pinned = false, notify = 'all', draft = NULL, draft_at = NULL, draft_device = NULL,
  me_at = NULL`
