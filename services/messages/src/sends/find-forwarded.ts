import type { Message } from '@finnigram/contracts'
import type pg from 'pg'
import type { NewSend } from './new-send.ts'

/** What a forwarded message says. */
export type Forwarded = Pick<Message, 'text' | 'attachments'>

const select = `SELECT s.place, m.text, m.attachments
FROM unnest($1::int[], $2::uuid[], $3::uuid[]) AS s (place, forward_of, sender_id)
CROSS JOIN LATERAL (
  SELECT * FROM messages q WHERE q.id = s.forward_of AND q.deleted_at IS NULL AND q.kind = 'text' OFFSET 0
) m
CROSS JOIN LATERAL (
  SELECT q.joined_seq FROM participants q
  WHERE q.conversation_id = m.conversation_id AND q.user_id = s.sender_id AND q.left_version IS NULL OFFSET 0
) p
WHERE m.seq > p.joined_seq`

/** The messages that sends pass on, by the send's place in the batch; one that its sender cannot see now is not among them. */
export async function findForwarded(
  pool: pg.Pool,
  sends: readonly NewSend[],
): Promise<Map<number, Forwarded>> {
  const forwards = sends.flatMap(({ forwardOf, senderId }, place) =>
    forwardOf === undefined ? [] : { forwardOf, senderId, place },
  )
  if (forwards.length === 0) return new Map()
  const { rows } = await pool.query<Forwarded & { place: number }>({
    name: 'find-forwarded',
    text: select,
    values: [
      forwards.map(({ place }) => place),
      forwards.map(({ forwardOf }) => forwardOf),
      forwards.map(({ senderId }) => senderId),
    ],
  })
  return new Map(rows.map(({ place, ...forwarded }) => [place, forwarded]))
}
