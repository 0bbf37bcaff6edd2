import type { ConversationEvent } from '@finnigram/contracts'
import { withTransaction } from '@finnigram/service-kit'
import type pg from 'pg'
import { deletedAccount } from './shown-profile.ts'

/** Versions that are looked through at a time. */
const page = 5000

/** Conversations that one call looks at. */
const conversationsAtOnce = 20

interface Place {
  conversationId: string
  /** Version of the event by which the person came in last. */
  until: number
}

/**
 * Takes the profile of somebody whose account has ended out of the events that told that they came, in the next
 * conversations after one, by id, in which they ever took part. Answers the last of them, undefined where there was none.
 * The last event of a conversation goes last: where that is done, or compacted, all are. May run any number of times.
 */
export async function forgetProfiles(
  pool: pg.Pool,
  { userId, after }: { userId: string; after: string },
): Promise<string | undefined> {
  const { rows } = await pool.query<Place & { payload: string | null }>(
    `SELECT p.conversation_id AS "conversationId", p.joined_version AS until, e.payload
FROM (
  SELECT * FROM participants WHERE user_id = $1 AND conversation_id > $2
  ORDER BY conversation_id LIMIT ${conversationsAtOnce}
) p
LEFT JOIN conversation_events e ON e.conversation_id = p.conversation_id AND e.version = p.joined_version
ORDER BY p.conversation_id`,
    [userId, after],
  )
  for (const { payload, ...place } of rows) {
    if (payload !== null && withoutProfile(payload, userId) !== undefined) await forgetIn(pool, place, userId)
  }
  return rows.at(-1)?.conversationId
}

async function forgetIn(pool: pg.Pool, { conversationId, until }: Place, userId: string): Promise<void> {
  for (let after = 0; after < until; after += page) {
    const range = { conversationId, after, until: Math.min(after + page, until) }
    await withTransaction(pool, (tx) => forgetInRange(tx, range, userId))
  }
}

/** The events are locked: one may hold the profile of somebody else, too, whose account ends at the same moment. */
async function forgetInRange(
  tx: pg.PoolClient,
  { conversationId, after, until }: Place & { after: number },
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
    const forgotten = withoutProfile(payload, userId)
    if (forgotten === undefined) continue
    await tx.query(
      'UPDATE conversation_events SET payload = $3 WHERE conversation_id = $1 AND version = $2',
      [conversationId, version, forgotten],
    )
  }
}

/** An event without the person's profile; undefined when it is not in there. */
function withoutProfile(payload: string, userId: string): string | undefined {
  const event = JSON.parse(payload) as ConversationEvent
  const named = participantsIn(event).find((one) => one.userId === userId && !one.user.deleted)
  if (!named) return undefined
  named.user = deletedAccount(userId, named.user.createdAt)
  return JSON.stringify(event)
}

function participantsIn({ type, data }: ConversationEvent) {
  if (type === 'participant.added') return [data.participant]
  return type === 'conversation.created' ? data.conversation.participants : []
}
