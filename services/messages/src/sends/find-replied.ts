import type { Message } from '@finnigram/contracts'
import type pg from 'pg'
import { messageExcerpt } from './message-excerpt.ts'
import type { NewSend } from './new-send.ts'

/** A message answered to, as it is now. */
export interface Replied {
  preview: NonNullable<Message['replyTo']>
  /** Version of the event that last carried its text: when it is another by the time of storing, so may be the excerpt. */
  edition: number | null
}

const select = `SELECT s.place, m.id, m.seq, m.sender_id AS "senderId", m.text, m.attachments,
  m.text_versions[cardinality(m.text_versions)] AS edition
FROM unnest($1::int[], $2::uuid[], $3::uuid[], $4::uuid[]) AS s (place, reply_to_id, conversation_id, sender_id)
CROSS JOIN LATERAL (
  SELECT * FROM messages m WHERE m.id = s.reply_to_id AND m.conversation_id = s.conversation_id OFFSET 0
) m
CROSS JOIN LATERAL (
  SELECT p.joined_seq FROM participants p
  WHERE p.conversation_id = s.conversation_id AND p.user_id = s.sender_id AND p.left_version IS NULL OFFSET 0
) p
WHERE m.seq > p.joined_seq`

type Row = { place: number; edition: number | null } & Pick<
  Message,
  'id' | 'seq' | 'senderId' | 'text' | 'attachments'
>

/**
 * The messages that sends answer to, by the send's place in the batch; one that its sender cannot see in that conversation
 * is not among them. One that was deleted is, with nothing to quote: an answer may have been written before that, offline.
 */
export async function findReplied(pool: pg.Pool, sends: readonly NewSend[]): Promise<Map<number, Replied>> {
  const replies = sends.flatMap((send, place) =>
    send.replyToId === undefined ? [] : { ...send, replyToId: send.replyToId, place },
  )
  if (replies.length === 0) return new Map()
  const { rows } = await pool.query<Row>({
    name: 'find-replied',
    text: select,
    values: [
      replies.map(({ place }) => place),
      replies.map(({ replyToId }) => replyToId),
      replies.map(({ conversationId }) => conversationId),
      replies.map(({ senderId }) => senderId),
    ],
  })
  return new Map(
    rows.map(({ place, id, seq, senderId, edition, ...content }) => [
      place,
      { preview: { id, seq, senderId, excerpt: messageExcerpt(content) }, edition },
    ]),
  )
}
