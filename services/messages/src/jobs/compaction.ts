import { isOvertime, isUnavailable, pause, withTransaction } from '@finnigram/service-kit'
import type pg from 'pg'
import type { WithConfig, WithLog, WithMetrics, WithPool } from '../deps.ts'

type CompactionDeps = WithPool & WithConfig<'EVENTS_KEEP' | 'EVENTS_KEEP_DAYS'>

/** Conversations that one statement reads. */
const page = 500
/** The lowest UUID. */
const nilId = '00000000-0000-0000-0000-000000000000'
/** Milliseconds between two pieces, so that requests keep the database. */
const restMs = 50

/** The oldest event of a conversation decides whether it is due. */
const select = `SELECT c.id, coalesce(first.at < $3, false) AS "isDue"
FROM (SELECT * FROM conversations WHERE id > $1 ORDER BY id LIMIT ${page}) c
LEFT JOIN LATERAL (
  SELECT (e.payload::json->>'at')::timestamptz AS at FROM conversation_events e
  WHERE c.version - c.compacted_version > $2 AND e.conversation_id = c.id AND e.version = c.compacted_version + 1
  OFFSET 0
) first ON true
ORDER BY c.id`

/**
 * Deletes events older than `EVENTS_KEEP_DAYS` in small pieces, except the last `EVENTS_KEEP` of
 * each conversation. Ends early when `signal` aborts or another node compacts. Returns the number
 * of deleted events. A conversation that fails is skipped and reported.
 */
export async function compactEvents(
  ctx: CompactionDeps,
  signal?: AbortSignal,
  onSkipped: (conversationId: string, error: unknown) => void = () => {},
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
        for (let deleted = 1; deleted > 0 && !signal?.aborted; count += deleted) {
          const done = await compactConversation(ctx.pool, { id, before, keep: ctx.config.EVENTS_KEEP })
          if (done === 'busy elsewhere') return count
          deleted = done
          await pause(restMs, signal)
        }
      } catch (error) {
        if (isUnavailable(error) && !isOvertime(error)) throw error
        // The next round in an hour tries it again; the others need not wait.
        onSkipped(id, error)
      }
    }
    if (rows.length < page) return count
    after = rows.at(-1)?.id ?? nilId
    await pause(restMs, signal)
  }
  return count
}

const everyMs = 60 * 60_000

/** Compacts about once an hour, at different times on each node, until it is disposed. */
export function startCompaction(ctx: CompactionDeps & WithLog & WithMetrics): AsyncDisposable {
  const ending = new AbortController()
  const ended = compactUntil(ctx, ending.signal)
  return {
    async [Symbol.asyncDispose]() {
      ending.abort()
      await ended
    },
  }
}

async function compactUntil(ctx: CompactionDeps & WithLog & WithMetrics, signal: AbortSignal): Promise<void> {
  const failures = ctx.metrics.counter(
    'compaction_failures_total',
    'Conversations that compaction skipped because of an error; the next round tries them again',
  )
  const onSkipped = (conversationId: string, error: unknown) => {
    failures.inc()
    ctx.log.warn('The events of a conversation could not be compacted yet', { conversationId, error })
  }
  for (;;) {
    await pause(everyMs * (0.5 + Math.random()), signal)
    if (signal.aborted) return
    try {
      const events = await compactEvents(ctx, signal, onSkipped)
      if (events > 0) ctx.log.info('Old events were compacted', { events })
    } catch (error) {
      ctx.log.warn('Old events could not be compacted yet', { error })
    }
  }
}

/** The advisory lock of the node that compacts: a number that nothing else uses. */
const compactionLock = 4_680_311_092
/** Events in one piece: the conversation is locked while they are deleted. */
const atOnce = 500

/** The last version to delete now: before the first young event, and before those always kept. */
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
 * Deletes the oldest events of a conversation and updates `compacted_version` in one transaction,
 * so that no reader sees a gap. Returns the number of deleted events; 0 when no more are due.
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
    // The lock order of every change: the conversation first.
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
