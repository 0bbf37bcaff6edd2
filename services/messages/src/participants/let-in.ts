import { maxParticipants, type PublicUser, type SystemNotice } from '@finnigram/contracts'
import { AppError } from '@finnigram/service-kit'
import type pg from 'pg'
import type { LockedConversation } from '../conversations/with-locked-conversation.ts'
import { tellNotice } from '../history/tell-notice.ts'
import { type ParticipantRow, toParticipant } from './participant-row.ts'

/**
 * Lets people into a group, with the notice that says so; who is in already stays as they are. The notice comes first:
 * what newcomers may read begins after it, unless the group shares its history. Throws `conflict` when the group would
 * become too large, or when somebody's account has just ended.
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
  if (count > maxParticipants)
    throw new AppError('conflict', { detail: `A group has at most ${maxParticipants} people` })
  const people = await holdAccounts(tx, newcomers)
  await tellNotice(locked, noticeOf(newcomers))

  const { lastSeq } = conversation
  const joinedAt = new Date(log.at)
  const versions = people.map(({ profile, hidesReads }) => {
    const place = { role: 'member' as const, joinedAt, lastReadSeq: lastSeq, lastDeliveredSeq: lastSeq }
    const shown = { shownReadSeq: null, shownDeliveredSeq: null }
    const row: ParticipantRow = { userId: profile.id, ...place, ...shown, profile, hidesReads }
    return log.tell('participant.added', { participant: toParticipant(row) })
  })
  const joinedSeq = conversation.sharesHistory ? 0 : lastSeq
  const ids = people.map(({ profile }) => profile.id)
  await tx.query(join, [conversation.id, ids, versions, lastSeq, joinedAt, joinedSeq])
  await tx.query('UPDATE conversations SET participant_count = $2 WHERE id = $1', [conversation.id, count])
}

async function readNewcomers(
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

interface HeldAccount {
  profile: PublicUser
  hidesReads: boolean
}

/** The accounts, kept from ending until the commit: one that ends afterwards then leaves this group, too. */
async function holdAccounts(tx: pg.PoolClient, ids: readonly string[]): Promise<HeldAccount[]> {
  const { rows } = await tx.query<HeldAccount>(
    `SELECT profile, hides_reads AS "hidesReads" FROM users_replica
WHERE id = ANY($1::uuid[]) AND NOT deleted ORDER BY id FOR SHARE`,
    [ids],
  )
  if (rows.length < ids.length)
    throw new AppError('conflict', { detail: 'Somebody’s account has just ended' })
  return rows
}

/** Who was here before begins anew. */
const join = `INSERT INTO participants (conversation_id, user_id, role, joined_at, joined_seq, joined_version, last_read_seq, last_delivered_seq, marker_at)
SELECT $1, user_id, 'member', $5, $6, version, $4, $4, now()
FROM unnest($2::uuid[], $3::int[]) AS newcomer (user_id, version)
ORDER BY user_id
ON CONFLICT (conversation_id, user_id) DO UPDATE SET
  role = excluded.role, joined_at = excluded.joined_at, joined_seq = excluded.joined_seq,
  joined_version = excluded.joined_version, left_version = NULL, last_read_seq = excluded.last_read_seq,
  last_delivered_seq = excluded.last_delivered_seq, marker_at = excluded.marker_at, muted_until = NULL,
  archived = false, pinned = false, notify = 'all', draft = NULL, me_at = NULL`
