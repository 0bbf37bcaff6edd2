import type { messagesApi, PushMessage, PushRecipient, RouteBody, RouteReply } from '@finnigram/contracts'
import type { WithPool } from '../deps.ts'

type Recipients = typeof messagesApi.listPushRecipients
type Range = RouteBody<Recipients>['conversations'][number]
type ConversationRecipients = RouteReply<Recipients>['items'][number]

/**
 * Who is to be notified of these messages as things stand now, by conversation. Conversations
 * without recipients are left out. The newest messages are read first, some with each statement.
 */
export async function listPushRecipients(
  ctx: WithPool,
  { conversations }: RouteBody<Recipients>,
): Promise<RouteReply<Recipients>> {
  const found = new Map<string, ConversationRecipients>()
  let left = conversations
  while (left.length > 0) {
    const pages = await readRecipientsPage(ctx, left)
    for (const { left: _, ...older } of pages) {
      const newer = found.get(older.conversationId)
      found.set(older.conversationId, newer ? merge(newer, older) : older)
    }
    left = pages.flatMap((page) => page.left)
  }
  return { items: [...found.values()].filter(({ recipients }) => recipients.length > 0) }
}

function merge(newer: ConversationRecipients, older: ConversationRecipients): ConversationRecipients {
  const recipients = new Map(newer.recipients.map((recipient) => [recipient.userId, recipient]))
  for (const before of older.recipients) {
    const after = recipients.get(before.userId)
    recipients.set(before.userId, after ? addUp(before, after) : before)
  }
  const all = [...recipients.values()]
  return { ...newer, recipients: all, messages: lastOf(all, [...older.messages, ...newer.messages]) }
}

const addUp = (before: PushRecipient, after: PushRecipient): PushRecipient => ({
  ...after,
  count: before.count + after.count,
  firstSeq: before.firstSeq,
  mentioned: before.mentioned || after.mentioned,
})

/** The last message of each recipient, in order. */
function lastOf(recipients: readonly PushRecipient[], messages: readonly PushMessage[]): PushMessage[] {
  const last = new Set(recipients.map(({ lastSeq }) => lastSeq))
  return messages.filter(({ seq }) => last.has(seq)).slice(-mostMessages)
}

/** The recipients of the newest messages of a range, and the rest of the range. */
export interface RecipientsPage extends ConversationRecipients {
  left: Range[]
}

/** Messages of a conversation that one statement reads. */
const messagesAtOnce = 500
/** Messages of a conversation that notifications show. */
const mostMessages = 20
const longestText = 300

/**
 * If nobody has a device, nothing is read. Otherwise `called` begins with the participants who may
 * be notified: one without a device costs an index look-up. Every look-up is LATERAL with OFFSET 0,
 * so that no table is read whole. Only blocks by the recipient count: they get no notification of a
 * blocked sender. Messages are arrays for each recipient: as joined rows, those of a group of a
 * thousand would be sorted by the hundred thousand.
 */
const selectRecipients = `WITH wanted AS (
  SELECT conversation_id, min(from_seq) AS from_seq, max(to_seq) AS to_seq
  FROM unnest($1::uuid[], $2::int[], $3::int[]) AS w (conversation_id, from_seq, to_seq)
  WHERE (SELECT q.reachable FROM users_replica q WHERE q.reachable ORDER BY q.id LIMIT 1) GROUP BY conversation_id
), called AS MATERIALIZED (
  SELECT w.conversation_id, p.user_id, p.notify, w.to_seq,
    greatest(w.from_seq, p.last_read_seq + 1, p.joined_seq + 1) AS from_seq
  FROM wanted w
  CROSS JOIN LATERAL (
    SELECT * FROM participants q
    WHERE q.conversation_id = w.conversation_id AND q.left_version IS NULL AND q.notify <> 'none'
      AND (q.muted_until IS NULL OR q.muted_until <= now())
      AND greatest(q.last_read_seq, q.joined_seq) < w.to_seq OFFSET 0
  ) p
  CROSS JOIN LATERAL (SELECT FROM users_replica q WHERE q.id = p.user_id AND q.reachable OFFSET 0) u
), said AS MATERIALIZED (
  SELECT m.*, w.from_seq FROM (
    SELECT conversation_id, min(from_seq) AS from_seq, max(to_seq) AS to_seq FROM called GROUP BY conversation_id
  ) w
  CROSS JOIN LATERAL (
    SELECT q.* FROM messages q
    WHERE q.conversation_id = w.conversation_id AND q.seq BETWEEN w.from_seq AND w.to_seq
      AND q.kind = 'text' AND q.deleted_at IS NULL
    ORDER BY q.seq DESC LIMIT ${messagesAtOnce}
  ) m
), talks AS MATERIALIZED (
  SELECT conversation_id, from_seq, CASE WHEN count(*) = ${messagesAtOnce} AND min(seq) > from_seq THEN min(seq) - 1 END AS left_to,
    array_agg(seq) AS seqs, array_agg(sender_id) AS senders, array_agg(mentions_all) AS to_all
  FROM said GROUP BY conversation_id, from_seq
), named AS MATERIALIZED (
  SELECT m.conversation_id, n.user_id, array_agg(m.seq) AS seqs
  FROM said m CROSS JOIN LATERAL unnest(m.mentions) AS n (user_id) GROUP BY m.conversation_id, n.user_id
), refused AS MATERIALIZED (
  SELECT b.user_id, array_agg(b.blocked_id) AS senders FROM (SELECT DISTINCT sender_id FROM said) s
  CROSS JOIN LATERAL (SELECT * FROM blocks q WHERE q.blocked_id = s.sender_id AND q.in_force OFFSET 0) b
  GROUP BY b.user_id
), calls AS MATERIALIZED (
  SELECT p.conversation_id, p.user_id, m.*
  FROM called p JOIN talks t USING (conversation_id)
  LEFT JOIN named n USING (conversation_id, user_id) LEFT JOIN refused b USING (user_id)
  CROSS JOIN LATERAL (
    SELECT count(*) AS count, min(seq) AS first_seq, max(seq) AS last_seq, bool_or(mentioned) AS mentioned
    FROM (
      SELECT seq, to_all OR seq = ANY (coalesce(n.seqs, '{}')) AS mentioned
      FROM unnest(t.seqs, t.senders, t.to_all) AS s (seq, sender_id, to_all)
      WHERE seq BETWEEN p.from_seq AND p.to_seq AND sender_id <> p.user_id
        AND sender_id <> ALL (coalesce(b.senders, '{}'))
    ) s WHERE p.notify = 'all' OR mentioned HAVING count(*) > 0
  ) m
), told AS (
  SELECT s.*, row_number() OVER (PARTITION BY s.conversation_id ORDER BY s.seq DESC) AS place
  FROM said s
  WHERE EXISTS (SELECT FROM calls c WHERE c.conversation_id = s.conversation_id AND c.last_seq = s.seq)
), messages_told AS (
  SELECT m.conversation_id, json_agg(json_build_object('id', m.id, 'seq', m.seq, 'senderId', m.sender_id,
    'senderName', coalesce(u.name, ''), 'text', left(m.text, ${longestText}), 'attachments', m.attachments,
    'at', m.created_at) ORDER BY m.seq) AS messages
  FROM told m
  LEFT JOIN LATERAL (
    SELECT q.profile ->> 'displayName' AS name FROM users_replica q WHERE q.id = m.sender_id OFFSET 0
  ) u ON true
  WHERE m.place <= ${mostMessages} GROUP BY m.conversation_id
), recipients AS (
  SELECT conversation_id, json_agg(json_build_object('userId', user_id, 'count', count, 'firstSeq', first_seq,
    'lastSeq', last_seq, 'mentioned', mentioned)) AS recipients
  FROM calls GROUP BY conversation_id
)
SELECT c.id AS "conversationId", c.kind, c.title, coalesce(m.messages, '[]') AS messages,
  coalesce(r.recipients, '[]') AS recipients, l.from_seq AS "fromSeq", l.left_to AS "leftTo"
FROM talks l LEFT JOIN recipients r USING (conversation_id) LEFT JOIN messages_told m USING (conversation_id)
CROSS JOIN LATERAL (SELECT * FROM conversations q WHERE q.id = l.conversation_id OFFSET 0) c`

interface RecipientsRow extends ConversationRecipients {
  fromSeq: number
  leftTo: number | null
}

/**
 * The recipients of the newest messages, at most 500 of each conversation. One without recipients
 * is there for its rest.
 */
async function readRecipientsPage({ pool }: WithPool, ranges: readonly Range[]): Promise<RecipientsPage[]> {
  // Unnamed, so that it is planned for the tables as they are. It runs about once a second.
  const { rows } = await pool.query<RecipientsRow>(selectRecipients, [
    ranges.map(({ conversationId }) => conversationId),
    ranges.map(({ fromSeq }) => fromSeq),
    ranges.map(({ toSeq }) => toSeq),
  ])
  return rows.map(({ fromSeq, leftTo, ...conversation }) => ({
    ...conversation,
    messages: conversation.messages.map(toPushMessage),
    left: leftTo === null ? [] : [{ conversationId: conversation.conversationId, fromSeq, toSeq: leftTo }],
  }))
}

/** Cuts the text in UTF-16 units, as the contract counts, but not inside a character. */
function toPushMessage({ text, attachments, at, ...message }: PushMessage): PushMessage {
  const isSplit = text !== null && /[\uD800-\uDBFF]/.test(text.charAt(longestText - 1))
  return {
    ...message,
    text: text?.slice(0, isSplit ? longestText - 1 : longestText) ?? null,
    attachments: attachments.map(({ kind, name }) => ({ kind, name })),
    at: new Date(at).toISOString(),
  }
}
