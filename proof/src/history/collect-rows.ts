import { Client } from 'pg'
import type { RunClock } from '../devices/run-clock.ts'
import type { Environment } from '../operations/operation.ts'
import type {
  StoredConversation,
  StoredEvent,
  StoredMessage,
  StoredParticipant,
  WrittenText,
} from './history.ts'
import type { MarkerSamples } from './sample-markers.ts'

type In<T> = T & { conversationId: string }

const conversationsSql = `SELECT id, last_seq AS "lastSeq", version, participant_count AS "participantCount",
  shares_history AS "sharesHistory" FROM conversations ORDER BY id`
const messagesSql = `SELECT conversation_id AS "conversationId", id, seq, version, sender_id AS "senderId", kind::text, text, reactions,
  forward_of AS "forwardOf", reply_to->>'id' AS "replyToId", created_at AS "createdAt",
  edited_at IS NOT NULL AS "isEdited", deleted_at IS NOT NULL AS "isDeleted"
FROM messages ORDER BY conversation_id, seq, id`
const eventsSql = `SELECT conversation_id AS "conversationId", version, payload FROM conversation_events ORDER BY conversation_id, version`
const participantsSql = `SELECT p.conversation_id AS "conversationId", p.user_id AS "userId", p.joined_seq AS "joinedSeq",
  p.left_version IS NOT NULL AS "hasLeft", p.last_read_seq AS "lastReadSeq", p.last_delivered_seq AS "lastDeliveredSeq",
  p.notify::text, p.muted_until AS "mutedUntil", counted.*
FROM participants p, LATERAL (
  SELECT count(*)::int AS unread,
    (count(*) FILTER (WHERE m.mentions_all OR p.user_id = ANY(m.mentions)))::int AS mentions
  FROM messages m WHERE m.conversation_id = p.conversation_id AND m.seq > greatest(p.joined_seq, p.last_read_seq)
    AND m.sender_id <> p.user_id AND m.deleted_at IS NULL AND m.kind = 'text'
) counted ORDER BY 1, 2`
const pinsSql = `SELECT conversation_id AS "conversationId", message_id AS "messageId" FROM pins ORDER BY pinned_at DESC, message_id DESC`

/**
 * Reads all conversations from the database, by SQL of its own: nothing of what the services think
 * is asked.
 */
export async function collectRows(
  databaseUrl: string,
  { now, samples }: { now: RunClock; samples: MarkerSamples },
): Promise<StoredConversation[]> {
  const database = new Client({ connectionString: databaseUrl })
  await database.connect()
  try {
    const rowsOf = async <T extends object>(sql: string) => (await database.query<In<T>>(sql)).rows
    const conversations =
      await rowsOf<Omit<StoredConversation, 'messages' | 'events' | 'participants' | 'pinnedIds'>>(
        conversationsSql,
      )
    const messages = byConversation(
      await rowsOf<Omit<StoredMessage, 'createdAt'> & { createdAt: Date }>(messagesSql),
    )
    const events = byConversation(await rowsOf<{ version: number; payload: string }>(eventsSql))
    const participants = byConversation(
      await rowsOf<Omit<StoredParticipant, 'mutedUntil' | 'samples'> & { mutedUntil: Date | null }>(
        participantsSql,
      ),
    )
    const pins = byConversation(await rowsOf<{ messageId: string }>(pinsSql))
    return conversations.map(({ id, ...conversation }) => ({
      ...conversation,
      id,
      messages: (messages.get(id) ?? []).map((row) => ({ ...row, createdAt: now.momentOf(row.createdAt) })),
      events: (events.get(id) ?? []).map(toEvent),
      participants: (participants.get(id) ?? []).map((row) => ({
        ...row,
        mutedUntil: row.mutedUntil && now.momentOf(row.mutedUntil),
        samples: samples.rowsOf(id, row.userId),
      })),
      pinnedIds: (pins.get(id) ?? []).map(({ messageId }) => messageId),
    }))
  } finally {
    await database.end()
  }
}

function byConversation<T extends { conversationId: string }>(rows: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const row of rows) {
    const group = groups.get(row.conversationId) ?? []
    groups.set(row.conversationId, group)
    group.push(row)
  }
  return groups
}

interface Payload {
  type: string
  data: {
    message?: { id: string }
    userId?: string
    participant?: { userId: string }
    conversation?: { participants: { userId: string }[] }
  }
}

function toEvent({ version, payload }: { version: number; payload: string }): StoredEvent {
  const { type, data } = JSON.parse(payload) as Payload
  const founders = data.conversation?.participants ?? []
  const people: Record<string, (string | undefined)[]> = {
    'conversation.created': founders.map(({ userId }) => userId),
    'participant.added': [data.participant?.userId],
    'participant.removed': [data.userId],
  }
  const userIds = (people[type] ?? []).filter((id) => id !== undefined)
  return { version, type, userIds, messageId: type === 'message.created' ? (data.message?.id ?? null) : null }
}

/**
 * Every text that was written, by its number; those of a queue got their message's id from the
 * client.
 */
export function collectTexts({ texts, devices }: Environment): WrittenText[] {
  const queued = devices.flatMap(({ recorder, person }) =>
    [...recorder.queued].map(([number, messageId]) => ({
      number,
      messageId,
      userId: person.id,
      by: 'send' as const,
    })),
  )
  return [...texts, ...queued].sort((a, b) => a.number - b.number)
}
