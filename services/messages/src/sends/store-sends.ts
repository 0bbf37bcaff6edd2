import { AppError, isUnavailable, pause } from '@finnigram/service-kit'
import type pg from 'pg'
import { type MessageRow, messageColumns } from '../history/message-row.ts'
import { type Author, authorColumns, toReadMessage } from '../history/message-visibility.ts'
import type { NewSend, Sent } from './new-send.ts'
import { type ResolvedSend, resolveReferences } from './resolve-references.ts'
import { messageJson, type SerializedSend, serializeSend } from './serialize-send.ts'

/** The outcome of each send of a batch, in order, and the outbox partitions with new entries. */
export interface StoredSends {
  outcomes: (Sent | AppError)[]
  partitions: Set<number>
}

const mostAttempts = 4

/**
 * Stores a batch of sends with different ids. A batch that lost a race is retried: the ids make
 * that safe. One that the database refuses is stored send by send, in order, so that only the bad
 * send fails. Rejects only when the database is unavailable.
 */
export async function storeSends(pool: pg.Pool, sends: readonly NewSend[]): Promise<StoredSends> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await storeBatch(pool, sends)
    } catch (error) {
      if (attempt < mostAttempts && isLostRace(error)) await pause(Math.random() * 10 * attempt)
      else if (isUnavailable(error)) throw error
      else return sends.length > 1 ? storeOneByOne(pool, sends) : refusedSend(error, sends[0])
    }
  }
}

async function storeOneByOne(pool: pg.Pool, sends: readonly NewSend[]): Promise<StoredSends> {
  const all: StoredSends = { outcomes: [], partitions: new Set() }
  for (const send of sends) {
    const { outcomes, partitions } = await storeSends(pool, [send])
    all.outcomes.push(...outcomes)
    for (const partition of partitions) all.partitions.add(partition)
  }
  return all
}

/**
 * A send that the database refused. SQLSTATE class 22 (data exception) fails however often it is
 * tried. A foreign key is violated when an upload was deleted between look-up and use.
 */
function refusedSend(error: unknown, send: NewSend | undefined): StoredSends {
  const errors =
    codeOf(error) === '23503'
      ? [{ path: send?.attachmentIds ? 'body.attachmentIds' : 'body.forwardOf', message: 'Is gone' }]
      : [{ path: 'body', message: 'Cannot be stored' }]
  const isPermanent = codeOf(error) === '23503' || codeOf(error).startsWith('22')
  const outcome = new AppError(isPermanent ? 'validation_failed' : 'internal', {
    cause: error,
    ...(isPermanent ? { errors } : {}),
  })
  return { outcomes: [outcome], partitions: new Set() }
}

/**
 * SQLSTATEs worth a retry: a unique violation (the same id went into another conversation at the
 * same moment), a serialization failure (the message replied to was edited meanwhile), a deadlock,
 * a session that the server shut down.
 */
const lostRace = new Set(['23505', '40001', '40P01', '57P01'])

function isLostRace(error: unknown): boolean {
  return (
    lostRace.has(codeOf(error)) || (error instanceof Error && error.message.includes('Connection terminated'))
  )
}

const codeOf = (error: unknown) =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''

interface OutcomeRow {
  place: number
  status: 200 | 201 | 400 | 403 | 404 | 409
  seq: number | null
  version: number | null
}

/**
 * Stores a batch of sends with different ids in one statement and one commit. Rejects, with nothing
 * stored, when the statement fails.
 */
async function storeBatch(pool: pg.Pool, sends: readonly NewSend[]): Promise<StoredSends> {
  const resolved = await resolveReferences(pool, sends)
  const at = new Date().toISOString()
  const serialized = resolved.map((send) => serializeSend(send, at))
  const { rows } = await pool.query<OutcomeRow>({
    name: 'send-messages',
    text: 'SELECT place, status, seq, version FROM send_messages($1, $2)',
    values: [JSON.stringify(serialized), serialized.some(hasExtras)],
  })
  const earlier = await findStored(
    pool,
    rows.flatMap(({ place, status }) => (status === 200 || status === 404 ? (sends[place - 1] ?? []) : [])),
  )
  const stored: StoredSends = { outcomes: [], partitions: new Set() }
  for (const [i, send] of serialized.entries()) {
    const outcome = toOutcome(send, rows[i], { earlier, errors: resolved[i]?.errors ?? [] })
    stored.outcomes.push(outcome)
    if (!(outcome instanceof AppError) && outcome.status === 201) stored.partitions.add(send.partition)
  }
  return stored
}

const hasExtras = ({ attachment_ids: files, told }: SerializedSend) =>
  files !== undefined || told !== undefined

function toOutcome(
  send: SerializedSend,
  row: OutcomeRow | undefined,
  { earlier, errors }: Pick<ResolvedSend, 'errors'> & { earlier: Map<string, string> },
): Sent | AppError {
  switch (row?.status) {
    case 201:
      return { status: 201, message: messageJson(send, row.seq ?? 0, row.version ?? 0) }
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
 * The messages among these that were stored before, as their senders may read them. Somebody who
 * has left gets theirs, too: otherwise a device whose reply was lost would report a message as
 * failed that everyone has read.
 */
async function findStored(pool: pg.Pool, sends: readonly NewSend[]): Promise<Map<string, string>> {
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
