import type { Logger, Metrics } from '@finnigram/service-kit'
import { isOvertime, isUnavailable, pause, withTransaction } from '@finnigram/service-kit'
import type pg from 'pg'
import type { MessagesContext } from '../context.ts'

export type CompactContext = Pick<MessagesContext, 'pool'> & {
  config: Pick<MessagesContext['config'], 'EVENTS_KEEP' | 'EVENTS_KEEP_DAYS'>
}

/** Conversations that one statement looks at. */
const page = 500
/** Before all ids. */
const nilId = '00000000-0000-0000-0000-000000000000'
/** Milliseconds between two pieces of work: the service has better things to do. */
const restMs = 50

/** The oldest event that is kept says whether there is anything to do. */
const select = `SELECT c.id, coalesce(first.at < $3, false) AS "isDue"
FROM (SELECT * FROM conversations WHERE id > $1 ORDER BY id LIMIT ${page}) c
LEFT JOIN LATERAL (
  SELECT (e.payload::json->>'at')::timestamptz AS at FROM conversation_events e
  WHERE c.version - c.compacted_version > $2 AND e.conversation_id = c.id AND e.version = c.compacted_version + 1
  OFFSET 0
) first ON true
ORDER BY c.id`

/**
 * Deletes the events that are older than `EVENTS_KEEP_DAYS`, except the last `EVENTS_KEEP` of each conversation, in small
 * pieces. Ends early when `signal` aborts or another node is at it. Returns how many events went.
 * A conversation that fails is passed over, and told of.
 */
export async function compactEvents(
  ctx: CompactContext,
  signal?: AbortSignal,
  onPassedOver: (conversationId: string, error: unknown) => void = () => {},
): Promise<number> {
  const before = new Date(Date.now() - ctx.config.EVENTS_KEEP_DAYS * 86_400_000)
  let count = 0
  for (let after = nilId; !signal?.aborted; ) {
    const { rows } = await ctx.pool.query<{ id: string; isDue: boolean }>({
      name: 'compact-page',
      text: select,
      values: [after, ctx.config.EVENTS_KEEP, before],
    })
    for (const { id } of rows.filter(({ isDue }) => isDue)) {
      try {
        for (let gone = 1; gone > 0 && !signal?.aborted; count += gone) {
          const done = await compactConversation(ctx.pool, { id, before, keep: ctx.config.EVENTS_KEEP })
          if (done === 'busy elsewhere') return count
          gone = done
          await pause(restMs, signal)
        }
      } catch (error) {
        if (isUnavailable(error) && !isOvertime(error)) throw error
        // It is tried again in an hour, and those after it need not wait for that.
        onPassedOver(id, error)
      }
    }
    if (rows.length < page) return count
    after = rows.at(-1)?.id ?? nilId
    await pause(restMs, signal)
  }
  return count
}

const everyMs = 60 * 60_000

/** Compacts every hour or so, not all nodes at once, until it is disposed of. */
export function startCompaction(ctx: CompactContext & { log: Logger; metrics: Metrics }): AsyncDisposable {
  const ending = new AbortController()
  const ended = compactUntil(ctx, ending.signal)
  return {
    async [Symbol.asyncDispose]() {
      ending.abort()
      await ended
    },
  }
}

async function compactUntil(
  ctx: CompactContext & { log: Logger; metrics: Metrics },
  signal: AbortSignal,
): Promise<void> {
  const failures = ctx.metrics.counter(
    'compaction_failures_total',
    'Conversations whose old events could not be compacted, and were passed over until the next round',
  )
  const passOver = (conversationId: string, error: unknown) => {
    failures.inc()
    ctx.log.warn('The events of a conversation could not be compacted yet', { conversationId, error })
  }
  for (;;) {
    await pause(everyMs * (0.5 + Math.random()), signal)
    if (signal.aborted) return
    try {
      const events = await compactEvents(ctx, signal, passOver)
      if (events > 0) ctx.log.info('Old events were compacted', { events })
    } catch (error) {
      ctx.log.warn('Old events could not be compacted yet', { error })
    }
  }
}

/** Held by the node that deletes events, while it does: any number that nothing else uses. */
const compactionLock = 4_680_311_092
/** Events of one piece of work: the conversation is locked for as long as it takes to delete them. */
const atOnce = 500

/** How far may be deleted now: up to the first event that is young enough, and never the last that are kept. */
const selectReach = `SELECT coalesce(min(version) FILTER (WHERE at >= $2) - 1, max(version)) AS reach
FROM (
  SELECT e.version, (e.payload::json->>'at')::timestamptz AS at
  FROM conversations c CROSS JOIN LATERAL (
    SELECT version, payload FROM conversation_events
    WHERE conversation_id = c.id AND version > c.compacted_version AND version <= c.version - $3::int
    ORDER BY version LIMIT ${atOnce} OFFSET 0
  ) e
  WHERE c.id = $1
) old`

/**
 * Deletes some of a conversation's oldest events and says so in its row, in one transaction: nobody sees a hole. Returns
 * how many went; 0 when there are no more to delete.
 */
async function compactConversation(
  pool: pg.Pool,
  { id, before, keep }: { id: string; before: Date; keep: number },
): Promise<number | 'busy elsewhere'> {
  const { rows } = await pool.query<{ reach: number | null }>({
    name: 'compact-reach',
    text: selectReach,
    values: [id, before, keep],
  })
  const reach = rows[0]?.reach ?? 0
  return withTransaction(pool, async (tx) => {
    const lock = await tx.query<{ isOurs: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS "isOurs"', [
      compactionLock,
    ])
    if (!lock.rows[0]?.isOurs) return 'busy elsewhere'
    // In the order of everyone who changes events: the conversation first.
    await tx.query('SELECT FROM conversations WHERE id = $1 FOR NO KEY UPDATE', [id])
    const { rowCount } = await tx.query(
      'DELETE FROM conversation_events WHERE conversation_id = $1 AND version <= $2',
      [id, reach],
    )
    await tx.query(
      'UPDATE conversations SET compacted_version = $2 WHERE id = $1 AND compacted_version < $2',
      [id, reach],
    )
    return rowCount ?? 0
  })
}
