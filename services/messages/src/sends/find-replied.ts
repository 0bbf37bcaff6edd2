import type { Message } from '@finnigram/contracts'
import type pg from 'pg'
import { excerptOf } from './excerpt.ts'
import type { NewSend } from './new-send.ts'

type ReplyPreview = NonNullable<Message['replyTo']>

const select = `SELECT s.place, m.id, m.seq, m.sender_id AS "senderId", m.text
FROM unnest($1::int[], $2::uuid[], $3::uuid[], $4::uuid[]) AS s (place, reply_to_id, conversation_id, sender_id)
CROSS JOIN LATERAL (
  SELECT * FROM messages m WHERE m.id = s.reply_to_id AND m.conversation_id = s.conversation_id AND m.deleted_at IS NULL OFFSET 0
) m
CROSS JOIN LATERAL (
  SELECT p.joined_seq FROM participants p
  WHERE p.conversation_id = s.conversation_id AND p.user_id = s.sender_id AND p.left_version IS NULL OFFSET 0
) p
WHERE m.seq > p.joined_seq`

/**
 * The messages that sends answer to, by the send's place in the batch; one that its sender cannot see in that conversation
 * is not among them. A message never changes its conversation or seq, so this may be read before the lock is taken.
 */
export async function findReplied(
  pool: pg.Pool,
  sends: readonly NewSend[],
): Promise<Map<number, ReplyPreview>> {
  const replies = sends.flatMap((send, place) =>
    send.replyToId === undefined ? [] : { ...send, replyToId: send.replyToId, place },
  )
  if (replies.length === 0) return new Map()
  const { rows } = await pool.query<Omit<ReplyPreview, 'excerpt'> & { place: number; text: string | null }>({
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
    rows.map(({ place, id, seq, senderId, text }) => [
      place,
      { id, seq, senderId, excerpt: excerptOf(text ?? '') },
    ]),
  )
}
