import { AppError } from '@finnigram/service-kit'
import type pg from 'pg'
import { type MessageRow, messageColumns } from '../history/message-row.ts'
import { type Author, authorColumns, toReadMessage } from '../history/to-read-message.ts'
import type { NewSend, Sent } from './new-send.ts'
import { type PreparedSend, prepareSends } from './prepare-sends.ts'
import { type WrittenSend, writeSend, writtenMessage } from './write-send.ts'

/** What the batch did: an outcome per send, in order, and the outbox partitions that have something new. */
export interface StoredSends {
  outcomes: (Sent | AppError)[]
  partitions: Set<number>
}

interface OutcomeRow {
  place: number
  status: 200 | 201 | 400 | 403 | 404 | 409
  seq: number | null
  version: number | null
}

/** Stores a batch of sends with different ids in one statement and one commit; rejects, with nothing stored, when the statement fails. */
export async function storeSends(pool: pg.Pool, sends: readonly NewSend[]): Promise<StoredSends> {
  const prepared = await prepareSends(pool, sends)
  const at = new Date().toISOString()
  const written = prepared.map((send) => writeSend(send, at))
  const { rows } = await pool.query<OutcomeRow>({
    name: 'send-messages',
    text: 'SELECT place, status, seq, version FROM send_messages($1, $2)',
    values: [JSON.stringify(written), written.some(hasExtras)],
  })
  const earlier = await readStored(
    pool,
    rows.flatMap(({ place, status }) => (status === 200 || status === 404 ? (sends[place - 1] ?? []) : [])),
  )
  const stored: StoredSends = { outcomes: [], partitions: new Set() }
  for (const [i, send] of written.entries()) {
    const outcome = toOutcome(send, rows[i], { earlier, errors: prepared[i]?.errors ?? [] })
    stored.outcomes.push(outcome)
    if (!(outcome instanceof AppError) && outcome.status === 201) stored.partitions.add(send.partition)
  }
  return stored
}

const hasExtras = ({ attachment_ids: files, told }: WrittenSend) => files !== undefined || told !== undefined

function toOutcome(
  send: WrittenSend,
  row: OutcomeRow | undefined,
  { earlier, errors }: Pick<PreparedSend, 'errors'> & { earlier: Map<string, string> },
): Sent | AppError {
  switch (row?.status) {
    case 201:
      return { status: 201, message: writtenMessage(send, row.seq ?? 0, row.version ?? 0) }
    case 200:
    case 404:
      return toStored(earlier.get(send.id))
    case 400:
      return new AppError('validation_failed', { errors })
    case 403:
      return new AppError('forbidden', { detail: 'Nothing can be sent to this person' })
    case 409:
      return new AppError('message_id_taken')
    default:
      return new AppError('not_found')
  }
}

const toStored = (message: string | undefined): Sent | AppError =>
  message === undefined ? new AppError('not_found') : { status: 200, message }

const selectStored = `SELECT ${messageColumns}, ${authorColumns}
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS s (id, conversation_id, sender_id)
CROSS JOIN LATERAL (
  SELECT * FROM messages q
  WHERE q.id = s.id AND q.conversation_id = s.conversation_id AND q.sender_id = s.sender_id OFFSET 0
) m
CROSS JOIN LATERAL (
  SELECT * FROM participants q WHERE q.conversation_id = s.conversation_id AND q.user_id = s.sender_id OFFSET 0
) p`

/**
 * Those of these sends that were stored before, as their senders may read them. Who has left is told so as well: else a
 * device whose answer was lost would take for lost what everyone has read.
 */
async function readStored(pool: pg.Pool, sends: readonly NewSend[]): Promise<Map<string, string>> {
  if (sends.length === 0) return new Map()
  const { rows } = await pool.query<MessageRow & Author>({
    name: 'read-stored',
    text: selectStored,
    values: [
      sends.map(({ id }) => id),
      sends.map(({ conversationId }) => conversationId),
      sends.map(({ senderId }) => senderId),
    ],
  })
  return new Map(rows.map((row) => [row.id, JSON.stringify(toReadMessage(row))]))
}
