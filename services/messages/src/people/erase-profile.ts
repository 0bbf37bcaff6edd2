import type { ConversationEvent } from '@finnigram/contracts'
import { withTransaction } from '@finnigram/service-kit'
import type pg from 'pg'
import { deletedAccount } from './shown-profile.ts'

/** Versions that one transaction searches. */
const page = 5000

/** Conversations in one call. */
const conversationsAtOnce = 20

interface Membership {
  conversationId: string
  /** Version of the event by which the person joined last. */
  until: number
}

/**
 * Erases the profile of a deleted account from the events by which they joined, in their next
 * conversations by id. Returns the last of these, `undefined` for none. The newest event of a
 * conversation is changed last: once it is done, or compacted, all are. Idempotent.
 */
export async function eraseProfile(
  pool: pg.Pool,
  { userId, after }: { userId: string; after: string },
): Promise<string | undefined> {
  const { rows } = await pool.query<Membership & { payload: string | null }>(
    `SELECT p.conversation_id AS "conversationId", p.joined_version AS until, e.payload
FROM (
  SELECT * FROM participants WHERE user_id = $1 AND conversation_id > $2
  ORDER BY conversation_id LIMIT ${conversationsAtOnce}
) p
LEFT JOIN conversation_events e ON e.conversation_id = p.conversation_id AND e.version = p.joined_version
ORDER BY p.conversation_id`,
    [userId, after],
  )
  for (const { payload, ...membership } of rows) {
    if (payload !== null && withoutProfile(payload, userId) !== undefined)
      await eraseIn(pool, membership, userId)
  }
  return rows.at(-1)?.conversationId
}

async function eraseIn(pool: pg.Pool, { conversationId, until }: Membership, userId: string): Promise<void> {
  for (let after = 0; after < until; after += page) {
    const range = { conversationId, after, until: Math.min(after + page, until) }
    await withTransaction(pool, (tx) => eraseInRange(tx, range, userId))
  }
}

/**
 * Locks the events: one may hold another profile too, of an account that ends at the same moment.
 */
async function eraseInRange(
  tx: pg.PoolClient,
  { conversationId, after, until }: Membership & { after: number },
  userId: string,
): Promise<void> {
  const { rows } = await tx.query<{ version: number; payload: string }>(
    `SELECT version, payload FROM conversation_events
WHERE conversation_id = $1 AND version > $2 AND version <= $3 AND strpos(payload, $4) > 0
  AND (strpos(payload, '"participant.added"') > 0 OR strpos(payload, '"conversation.created"') > 0)
ORDER BY version FOR UPDATE`,
    [conversationId, after, until, userId],
  )
  for (const { version, payload } of rows) {
    const erased = withoutProfile(payload, userId)
    if (erased === undefined) continue
    await tx.query(
      'UPDATE conversation_events SET payload = $3 WHERE conversation_id = $1 AND version = $2',
      [conversationId, version, erased],
    )
  }
}

/** The event without the profile; `undefined` when it does not contain it. */
function withoutProfile(payload: string, userId: string): string | undefined {
  const event = JSON.parse(payload) as ConversationEvent
  const participant = participantsIn(event).find((one) => one.userId === userId && !one.user.deleted)
  if (!participant) return undefined
  participant.user = deletedAccount(userId, participant.user.createdAt)
  return JSON.stringify(event)
}

function participantsIn({ type, data }: ConversationEvent) {
  if (type === 'participant.added') return [data.participant]
  return type === 'conversation.created' ? data.conversation.participants : []
}
