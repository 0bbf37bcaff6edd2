import { newId } from '@finnigram/contracts'
import {
  type ArchiveSize,
  type PlannedConversation,
  type PlannedMessage,
  planConversations,
  planMessages,
} from './archive-plan.ts'
import type { Person } from './people.ts'

/** Who is in many conversations is in none of this topic and in none in these languages. */
export const foreign = { topic: 7, languages: ['es', 'ru'] }

/**
 * A filled archive, and three people who read it: in one conversation (the busiest), in 500, in
 * all.
 */
export interface Archive {
  one: Reader
  many: Reader
  all: Reader
}

export interface Reader {
  person: Person
  conversations: PlannedConversation[]
}

/** As much of a pool of PostgreSQL connections as is used here. */
export interface Database {
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>
}

const batchSize = 5000
/** The first message was said this long ago, in milliseconds: two years. */
const span = 2 * 365 * 24 * 3600 * 1000

/**
 * Fills an empty archive by SQL, as it would be after years of sends: the messages lie in the order
 * they were said, not by conversation. `readersOf` says who is in a conversation besides its
 * people. Search learns of everything at the end.
 */
export async function fillArchive(
  db: Database,
  size: ArchiveSize,
  readersOf: (conversation: PlannedConversation, index: number) => string[],
): Promise<PlannedConversation[]> {
  const conversations = planConversations(size)
  await insertConversations(db, conversations, readersOf)
  await db.query('ALTER TABLE messages DISABLE TRIGGER USER')
  const start = Date.now() - span
  let batch: PlannedMessage[] = []
  let done = 0
  const flush = async () => {
    const times = batch.map((_, i) => new Date(start + ((done + i) / size.messages) * span))
    await insertMessages(db, batch, times)
    done += batch.length
    batch = []
  }
  for (const message of planMessages(size, conversations)) {
    batch.push(message)
    if (batch.length === batchSize) await flush()
  }
  await flush()
  await db.query('ALTER TABLE messages ENABLE TRIGGER USER')
  await db.query(
    `UPDATE conversations c SET last_seq = n.count, version = n.count + 1, last_activity_at =
  (SELECT created_at FROM messages m WHERE m.conversation_id = c.id AND m.seq = n.count)
FROM unnest($1::uuid[], $2::int[]) AS n (id, count) WHERE c.id = n.id AND n.count > 0`,
    [conversations.map(({ id }) => id), conversations.map(({ count }) => count)],
  )
  await db.query('VACUUM ANALYZE messages, conversations, participants')
  await db.query(
    'INSERT INTO search_queue (is_backfill, conversation_ids) SELECT true, ARRAY[id] FROM conversations',
  )
  return conversations
}

async function insertConversations(
  db: Database,
  conversations: readonly PlannedConversation[],
  readersOf: (conversation: PlannedConversation, index: number) => string[],
): Promise<void> {
  const members = conversations.flatMap((conversation, i) =>
    [...conversation.people, ...readersOf(conversation, i)].map((userId) => [conversation.id, userId]),
  )
  await db.query(
    `INSERT INTO conversations (id, kind, title, created_by, participant_count, version)
SELECT id, 'group', 'Group', by, 10, 1 FROM unnest($1::uuid[], $2::uuid[]) AS g (id, by)`,
    [conversations.map(({ id }) => id), conversations.map(({ people }) => people[0])],
  )
  await db.query(
    `INSERT INTO participants (conversation_id, user_id, role, joined_seq, joined_version)
SELECT conversation_id, user_id, 'member', 0, 1 FROM unnest($1::uuid[], $2::uuid[]) AS m (conversation_id, user_id)`,
    [members.map(([id]) => id), members.map(([, userId]) => userId)],
  )
}

async function insertMessages(
  db: Database,
  batch: readonly PlannedMessage[],
  times: readonly Date[],
): Promise<void> {
  await db.query(
    `INSERT INTO messages (id, conversation_id, seq, version, sender_id, text, has_link, attachments, text_versions, created_at)
SELECT id, conversation_id, seq, seq + 1, sender_id, text, has_link, attachments::jsonb, ARRAY[seq + 1], created_at
FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::uuid[], $5::text[], $6::boolean[], $7::text[], $8::timestamptz[])
  AS m (id, conversation_id, seq, sender_id, text, has_link, attachments, created_at)`,
    [
      batch.map(() => newId()),
      batch.map(({ conversation }) => conversation.id),
      batch.map(({ seq }) => seq),
      batch.map(({ senderId }) => senderId),
      batch.map(({ text }) => text),
      batch.map(({ hasLink }) => hasLink),
      batch.map(({ file }) => JSON.stringify(file === undefined ? [] : [attachment(file)])),
      times,
    ],
  )
}

const attachment = (name: string) => ({
  id: newId(),
  kind: 'file',
  name,
  mediaType: 'application/pdf',
  size: 100_000,
  width: null,
  height: null,
  thumbHash: null,
})
