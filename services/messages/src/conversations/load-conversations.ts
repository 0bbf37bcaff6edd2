import type { Conversation, Message, Participant, SharedConversation } from '@finnigram/contracts'
import type { Queryable } from '../deps.ts'
import { type MessageRow, messageColumns } from '../history/message-row.ts'
import { toReadMessage } from '../history/message-visibility.ts'
import { type ConversationRow, conversationColumns } from './conversation-row.ts'
import { type MemberSettingsRow, meColumns, toMe } from './member-settings.ts'
import { type ParticipantRow, participantColumns, toParticipant } from './participants/participant-row.ts'

/** Participants in the answer of one conversation; clients list the others. */
const participantsShown = 100

/**
 * Conversations as one participant sees them, in the order of `ids`, without those of which they
 * are no participant. Run it in a transaction: several statements must see one state.
 */
export async function loadConversations(
  tx: Queryable,
  userId: string,
  ids: readonly string[],
): Promise<Conversation[]> {
  if (ids.length === 0) return []
  const [rows, participants, messages] = await Promise.all([
    loadRows(tx, userId, ids),
    loadParticipants(tx, ids, userId),
    loadLastMessages(tx, userId, ids),
  ])
  return rows.map((row) => {
    const shared = toShared(row, participants.get(row.id) ?? [])
    return { ...shared, lastMessage: messages.get(row.id) ?? null, me: toMe(row) }
  })
}

async function loadRows(
  tx: Queryable,
  userId: string,
  ids: readonly string[],
): Promise<(ConversationRow & MemberSettingsRow)[]> {
  const { rows } = await tx.query<ConversationRow & MemberSettingsRow>({
    name: 'load-conversations',
    text: `SELECT ${conversationColumns}, ${meColumns}
FROM unnest($2::uuid[]) WITH ORDINALITY AS wanted (id, place)
CROSS JOIN LATERAL (SELECT * FROM conversations q WHERE q.id = wanted.id OFFSET 0) c
CROSS JOIN LATERAL (
  SELECT * FROM participants q
  WHERE q.conversation_id = c.id AND q.user_id = $1 AND q.left_version IS NULL OFFSET 0
) p
ORDER BY wanted.place`,
    values: [userId, ids],
  })
  return rows
}

/** A conversation without the fields that differ for each participant. */
export const toShared = (row: ConversationRow, participants: Participant[]): SharedConversation => ({
  id: row.id,
  kind: row.kind,
  title: row.title,
  description: row.description,
  avatarUrl: row.avatarUrl,
  createdBy: row.createdBy,
  createdAt: row.createdAt.toISOString(),
  lastSeq: row.lastSeq,
  version: row.version,
  participantCount: row.participantCount,
  sharesHistory: row.sharesHistory,
  participants,
  lastMessage: null,
})

/** The first participants of each conversation by user id, as one of them sees them. */
export async function loadParticipants(
  tx: Queryable,
  ids: readonly string[],
  viewerId: string,
): Promise<Map<string, Participant[]>> {
  const { rows } = await tx.query<ParticipantRow & { conversationId: string }>({
    name: 'load-participants',
    text: `SELECT p.conversation_id AS "conversationId", ${participantColumns('$2')}
FROM unnest($1::uuid[]) AS wanted (id)
CROSS JOIN LATERAL (
  SELECT * FROM participants q WHERE q.conversation_id = wanted.id AND q.left_version IS NULL
  ORDER BY q.user_id LIMIT ${participantsShown}
) p
LEFT JOIN LATERAL (SELECT * FROM users_replica q WHERE q.id = p.user_id OFFSET 0) u ON true
ORDER BY p.conversation_id, p.user_id`,
    values: [ids, viewerId],
  })
  const byConversation = new Map<string, Participant[]>()
  for (const row of rows) {
    const known = byConversation.get(row.conversationId)
    if (known) known.push(toParticipant(row, viewerId))
    else byConversation.set(row.conversationId, [toParticipant(row, viewerId)])
  }
  return byConversation
}

/** The newest message of each conversation, unless it is from before the reader joined. */
async function loadLastMessages(
  tx: Queryable,
  userId: string,
  ids: readonly string[],
): Promise<Map<string, Message>> {
  const { rows } = await tx.query<MessageRow & { joinedSeq: number }>({
    name: 'load-last-messages',
    text: `SELECT ${messageColumns}, p.joined_seq AS "joinedSeq"
FROM unnest($2::uuid[]) AS wanted (id)
CROSS JOIN LATERAL (SELECT q.last_seq FROM conversations q WHERE q.id = wanted.id OFFSET 0) c
CROSS JOIN LATERAL (
  SELECT q.joined_seq FROM participants q
  WHERE q.conversation_id = wanted.id AND q.user_id = $1 AND q.left_version IS NULL AND q.joined_seq < c.last_seq OFFSET 0
) p
CROSS JOIN LATERAL (
  SELECT * FROM messages q WHERE q.conversation_id = wanted.id AND q.seq = c.last_seq OFFSET 0
) m`,
    values: [userId, ids],
  })
  return new Map(rows.map((row) => [row.conversationId, toReadMessage(row)]))
}
