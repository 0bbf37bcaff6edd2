import { type Conversation, maxParticipants } from '@finnigram/contracts'
import { type Actor, AppError } from '@finnigram/service-kit'
import type { MessagesContext } from '../context.ts'
import type { Change } from '../conversations/change-conversation.ts'
import { changeConversation } from '../conversations/change-conversation.ts'
import { getConversation } from '../conversations/get-conversation.ts'
import { requireManagedGroup } from '../conversations/require-managed-group.ts'
import { findPeople, type People } from '../people/find-people.ts'
import { requirePeople } from '../people/require-people.ts'
import { type ParticipantRow, toParticipant } from './participant-row.ts'

/** Adds people to a group; who takes part already stays as they are. Throws `not_found`, `forbidden`, `conflict` when it would become too many, `validation_failed` for people who do not exist. */
export async function addParticipants(
  ctx: MessagesContext,
  actor: Actor,
  { conversationId, userIds }: { conversationId: string; userIds: readonly string[] },
): Promise<Conversation> {
  const people = await findPeople(ctx, userIds)
  await changeConversation(ctx, { actor, conversationId }, async (change) => {
    if (change.conversation.kind === 'direct') {
      throw new AppError('conflict', { detail: 'A direct conversation stays between two; start a group' })
    }
    requireManagedGroup(change)
    requirePeople(people, userIds)
    await letIn(change, people)
  })
  return getConversation(ctx, actor, conversationId)
}

async function letIn({ tx, conversation, log }: Change, people: People): Promise<void> {
  const { rows: present } = await tx.query<{ id: string }>(
    `SELECT user_id AS id FROM participants
WHERE conversation_id = $1 AND user_id = ANY($2::uuid[]) AND left_version IS NULL`,
    [conversation.id, [...people.keys()]],
  )
  const inside = new Set(present.map(({ id }) => id))
  const newcomers = [...people.values()].filter(({ id }) => !inside.has(id))
  const count = conversation.participantCount + newcomers.length
  if (count > maxParticipants)
    throw new AppError('conflict', { detail: `A group has at most ${maxParticipants} people` })

  const joinedAt = new Date()
  const { lastSeq } = conversation
  const versions = newcomers.map((user) => {
    const row: ParticipantRow = {
      userId: user.id,
      role: 'member',
      joinedAt,
      lastReadSeq: lastSeq,
      lastDeliveredSeq: lastSeq,
      profile: user,
    }
    return log.tell('participant.added', { participant: toParticipant(row) })
  })
  await tx.query(join, [conversation.id, newcomers.map(({ id }) => id), versions, lastSeq, joinedAt])
  await tx.query('UPDATE conversations SET participant_count = $2 WHERE id = $1', [conversation.id, count])
}

/** Who was here before begins anew: what was said while they were away is not theirs to read. */
const join = `INSERT INTO participants (conversation_id, user_id, role, joined_at, joined_seq, joined_version, last_read_seq, last_delivered_seq, marker_at)
SELECT $1, user_id, 'member', $5, $4, version, $4, $4, now()
FROM unnest($2::uuid[], $3::int[]) AS newcomer (user_id, version)
ORDER BY user_id
ON CONFLICT (conversation_id, user_id) DO UPDATE SET
  role = excluded.role, joined_at = excluded.joined_at, joined_seq = excluded.joined_seq,
  joined_version = excluded.joined_version, left_version = NULL, last_read_seq = excluded.last_read_seq,
  last_delivered_seq = excluded.last_delivered_seq, marker_at = excluded.marker_at, muted_until = NULL,
  archived = false, pinned = false, notify = 'all', draft = NULL, me_at = NULL`
