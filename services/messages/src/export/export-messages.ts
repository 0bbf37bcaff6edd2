import type { messagesApi, RouteParams, RouteQuery, RouteReply } from '@finnigram/contracts'
import { loadConversations } from '../conversations/load-conversations.ts'
import type { WithPool, WithPrisma } from '../deps.ts'
import { type MessageRow, messageColumns } from '../history/message-row.ts'
import { type Author, authorColumns, toReadMessage } from '../history/message-visibility.ts'
import { withSnapshot } from '../with-snapshot.ts'

type ExportMessages = typeof messagesApi.exportMessages

/** Messages of one page. */
const messagesAtOnce = 500

/**
 * Conversation by conversation, and in each along the index of the unread counts: an index by
 * sender would cost every send, for this query alone. A page goes on after the last message of the
 * one before.
 */
const selectMessages = `WITH place AS (
  SELECT conversation_id, seq FROM messages WHERE id = $2::uuid
), begin AS (
  SELECT coalesce(min(conversation_id::text)::uuid, '00000000-0000-0000-0000-000000000000') AS conversation_id,
    coalesce(min(seq), 0) AS seq FROM place
)
SELECT ${messageColumns}, ${authorColumns}
FROM begin b
CROSS JOIN LATERAL (
  SELECT p.conversation_id, p.joined_seq, p.left_version FROM participants p
  WHERE p.user_id = $1 AND p.conversation_id >= b.conversation_id ORDER BY p.conversation_id OFFSET 0
) p
CROSS JOIN LATERAL (
  SELECT * FROM messages q
  WHERE q.conversation_id = p.conversation_id AND q.sender_id = $1
    AND q.seq > CASE WHEN p.conversation_id = b.conversation_id THEN b.seq ELSE 0 END
    AND q.kind = 'text' AND q.deleted_at IS NULL
  ORDER BY q.seq LIMIT ${messagesAtOnce}
) m
ORDER BY p.conversation_id, m.seq LIMIT ${messagesAtOnce}`

/** What a person wrote and did not delete, by conversation; where they have left, as of then. */
export async function exportMessages(
  { pool }: WithPool,
  { userId, after }: RouteParams<ExportMessages> & RouteQuery<ExportMessages>,
): Promise<RouteReply<ExportMessages>> {
  const { rows } = await pool.query<MessageRow & Author>({
    name: 'export-messages',
    text: selectMessages,
    values: [userId, after ?? null],
  })
  const items = rows.map(toReadMessage)
  return { items, nextAfter: items.length === messagesAtOnce ? (items.at(-1)?.id ?? null) : null }
}

type ExportReactions = typeof messagesApi.exportReactions

/** Messages with reactions of anybody that one page looks at. */
const reactionsAtOnce = 1000

/**
 * Goes on after the last message of the page before, along the index of messages with reactions.
 */
const selectReactions = `WITH place AS (
  SELECT conversation_id, seq FROM messages WHERE id = $2::uuid
), begin AS (
  SELECT coalesce(min(conversation_id::text)::uuid, '00000000-0000-0000-0000-000000000000') AS conversation_id,
    coalesce(min(seq), 0) AS seq FROM place
)
SELECT m.id AS "messageId", p.conversation_id AS "conversationId", m.seq,
  ARRAY(SELECT one ->> 'emoji' FROM jsonb_array_elements(m.reactions) one WHERE one -> 'userIds' ? $1::text) AS given
FROM begin b
CROSS JOIN LATERAL (
  SELECT p.conversation_id FROM participants p
  WHERE p.user_id = $1::uuid AND p.conversation_id >= b.conversation_id ORDER BY p.conversation_id OFFSET 0
) p
CROSS JOIN LATERAL (
  SELECT q.id, q.seq, q.reactions FROM messages q
  WHERE q.conversation_id = p.conversation_id AND q.reactions <> '[]'
    AND q.seq > CASE WHEN p.conversation_id = b.conversation_id THEN b.seq ELSE 0 END
  ORDER BY q.seq LIMIT ${reactionsAtOnce}
) m
ORDER BY p.conversation_id, m.seq LIMIT ${reactionsAtOnce}`

interface Reacted {
  messageId: string
  conversationId: string
  seq: number
  given: string[]
}

/** The present reactions of a person, by conversation. A page may be empty and not the last. */
export async function exportReactions(
  { pool }: WithPool,
  { userId, after }: RouteParams<ExportReactions> & RouteQuery<ExportReactions>,
): Promise<RouteReply<ExportReactions>> {
  const { rows } = await pool.query<Reacted>({
    name: 'export-reactions',
    text: selectReactions,
    values: [userId, after ?? null],
  })
  return {
    items: rows.flatMap(({ given, ...message }) => given.map((emoji) => ({ ...message, emoji }))),
    nextAfter: rows.length === reactionsAtOnce ? (rows.at(-1)?.messageId ?? null) : null,
  }
}

type ExportStars = typeof messagesApi.exportStars

/** Stars of one page. */
const starsAtOnce = 1000

/**
 * The stars of a person, by message id. They can read the messages only where they still take part.
 */
export async function exportStars(
  { prisma }: WithPrisma,
  { userId, after }: RouteParams<ExportStars> & RouteQuery<ExportStars>,
): Promise<RouteReply<ExportStars>> {
  const rows = await prisma.star.findMany({
    where: { userId, ...(after === undefined ? {} : { messageId: { gt: after } }) },
    orderBy: { messageId: 'asc' },
    take: starsAtOnce,
  })
  const items = rows.map(({ messageId, conversationId, starredAt }) => ({
    messageId,
    conversationId,
    starredAt: starredAt.toISOString(),
  }))
  return { items, nextAfter: items.length === starsAtOnce ? (items.at(-1)?.messageId ?? null) : null }
}

type ExportConversations = typeof messagesApi.exportConversations

/** Conversations of one page. */
const conversationsAtOnce = 100
/** Before all ids. */
const nilId = '00000000-0000-0000-0000-000000000000'

const selectConversations = `SELECT conversation_id AS id FROM participants
WHERE user_id = $1 AND left_version IS NULL AND conversation_id > $2
ORDER BY conversation_id LIMIT ${conversationsAtOnce}`

/** The conversations of a person, by id, as they see them. */
export const exportConversations = (
  { pool }: WithPool,
  { userId, after = nilId }: RouteParams<ExportConversations> & RouteQuery<ExportConversations>,
): Promise<RouteReply<ExportConversations>> =>
  withSnapshot(pool, async (tx) => {
    const { rows } = await tx.query<{ id: string }>({
      name: 'export-conversations',
      text: selectConversations,
      values: [userId, after],
    })
    const ids = rows.map(({ id }) => id)
    const items = await loadConversations(tx, userId, ids)
    return { items, nextAfter: ids.length === conversationsAtOnce ? (ids.at(-1) ?? null) : null }
  })
