import type { messagesApi, PushMessage, RouteBody, RouteReply } from '@finnigram/contracts'
import type { MessagesContext } from '../context.ts'

type List = typeof messagesApi.listPushRecipients

/** Of each conversation at most so many of the newest messages are looked at. */
const mostMessages = 500
/** At most so many of those that call somebody are told. */
const mostTold = 20
const longestText = 300

/**
 * Where nobody has a device nothing is looked at; else `called` begins with who takes part and may be notified, so that a
 * conversation of people without devices costs a look-up for each of them in an index of those who have one. Every
 * look-up is LATERAL with OFFSET 0, so that no table is read whole. Only the blocks of the one who is called count: who
 * blocked a sender is not called by them.
 */
const listCalled = `WITH wanted AS (
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
  SELECT m.* FROM (
    SELECT conversation_id, min(from_seq) AS from_seq, max(to_seq) AS to_seq FROM called GROUP BY conversation_id
  ) w
  CROSS JOIN LATERAL (
    SELECT q.* FROM messages q
    WHERE q.conversation_id = w.conversation_id AND q.seq BETWEEN w.from_seq AND w.to_seq
      AND q.kind = 'text' AND q.deleted_at IS NULL
    ORDER BY q.seq DESC LIMIT ${mostMessages}
  ) m
), refused AS MATERIALIZED (
  SELECT b.user_id, b.blocked_id FROM (SELECT DISTINCT sender_id FROM said) s
  CROSS JOIN LATERAL (SELECT * FROM blocks q WHERE q.blocked_id = s.sender_id AND q.in_force OFFSET 0) b
), calls AS MATERIALIZED (
  SELECT p.conversation_id, p.user_id, m.seq, m.mentions_all OR p.user_id = ANY (m.mentions) AS mentioned
  FROM called p
  JOIN said m ON m.conversation_id = p.conversation_id AND m.seq BETWEEN p.from_seq AND p.to_seq
    AND m.sender_id <> p.user_id
  WHERE (p.notify = 'all' OR m.mentions_all OR p.user_id = ANY (m.mentions))
    AND NOT EXISTS (SELECT FROM refused b WHERE b.user_id = p.user_id AND b.blocked_id = m.sender_id)
), told AS (
  SELECT s.*, row_number() OVER (PARTITION BY s.conversation_id ORDER BY s.seq DESC) AS place
  FROM said s WHERE EXISTS (SELECT FROM calls WHERE calls.conversation_id = s.conversation_id AND calls.seq = s.seq)
), messages_told AS (
  SELECT m.conversation_id, json_agg(json_build_object('id', m.id, 'seq', m.seq, 'senderId', m.sender_id,
    'senderName', coalesce(u.name, ''), 'text', left(m.text, ${longestText}), 'attachments', m.attachments,
    'at', m.created_at) ORDER BY m.seq) AS messages
  FROM told m
  LEFT JOIN LATERAL (
    SELECT q.profile ->> 'displayName' AS name FROM users_replica q WHERE q.id = m.sender_id OFFSET 0
  ) u ON true
  WHERE m.place <= ${mostTold} GROUP BY m.conversation_id
), recipients AS (
  SELECT n.conversation_id, json_agg(json_build_object('userId', n.user_id, 'count', n.count, 'firstSeq', n.first_seq,
    'lastSeq', n.last_seq, 'mentioned', n.mentioned)) AS recipients
  FROM (
    SELECT conversation_id, user_id, count(*) AS count, min(seq) AS first_seq, max(seq) AS last_seq,
      bool_or(mentioned) AS mentioned
    FROM calls GROUP BY conversation_id, user_id
  ) n GROUP BY n.conversation_id
)
SELECT c.id AS "conversationId", c.kind, c.title, m.messages, r.recipients
FROM recipients r JOIN messages_told m USING (conversation_id)
CROSS JOIN LATERAL (SELECT * FROM conversations q WHERE q.id = r.conversation_id OFFSET 0) c`

type Item = RouteReply<List>['items'][number]

/** Whom these messages call as things stand now, conversation by conversation; one that calls nobody is left out. Of more than 500 messages of a conversation only the newest count. */
export async function listPushRecipients(
  { pool }: MessagesContext,
  { conversations }: RouteBody<List>,
): Promise<RouteReply<List>> {
  // Without a name, so that it is planned for the tables as they are: it runs about once a second.
  const { rows } = await pool.query<Item>(listCalled, [
    conversations.map(({ conversationId }) => conversationId),
    conversations.map(({ fromSeq }) => fromSeq),
    conversations.map(({ toSeq }) => toSeq),
  ])
  return { items: rows.map((row) => ({ ...row, messages: row.messages.map(toPushMessage) })) }
}

/** Counted in UTF-16 units, as the contract counts, and not cut inside a character. */
function toPushMessage({ text, attachments, at, ...message }: PushMessage): PushMessage {
  const isSplit = text !== null && /[\uD800-\uDBFF]/.test(text.charAt(longestText - 1))
  return {
    ...message,
    text: text?.slice(0, isSplit ? longestText - 1 : longestText) ?? null,
    attachments: attachments.map(({ kind, name }) => ({ kind, name })),
    at: new Date(at).toISOString(),
  }
}
