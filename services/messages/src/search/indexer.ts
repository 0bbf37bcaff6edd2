import {
  fullJitter,
  isOvertime,
  isUnavailable,
  type Logger,
  type Metrics,
  parkedCounter,
  pause,
  reasonOf,
  withTransaction,
} from '@finnigram/service-kit'
import type pg from 'pg'
import { indexQueued, type Round, sealIdle } from './index-queued.ts'
import { parkNext } from './park-range.ts'
import { boundsAfter, shouldPark } from './plan-round.ts'
import { ageOfQueue } from './search-queue.ts'
import type { Stemmer } from './stemmer.ts'

/*
 * The search index. It makes messages searchable, usually within a second.
 *
 * A block is 64 consecutive messages of a conversation. Each message is a line: a header, its
 * folded text, the stems of its words (`search-line.ts`, `build-blocks.ts`). The newest block of a
 * conversation is open: messages are appended, and every search reads it. A full block is sealed
 * with the n-grams of its lines (`grams.ts`), which a GIN index finds. So is one that has been idle
 * (`seal-idle-blocks.ts`).
 *
 * Writing: database triggers queue conversations with new or changed messages. One node at a time
 * holds the lock, plans a round of bounded messages and bytes (`plan-round.ts`), builds its blocks
 * and writes them (`index-queued.ts`), all in one transaction beside the sends. A failed round is
 * followed by a smaller one. A message whose round fails alone is parked (`park-range.ts`).
 *
 * Reading: `search-messages.ts` plans a query, reads candidates from blocks, newest first, and
 * compares each with the message as it is now and as the reader may see it.
 *
 * The index never decides who may read, and never delays a send. It can be rebuilt from the
 * messages.
 */

/** Milliseconds between polls of the queue. What comes meanwhile is batched. */
const lookEveryMs = 200
/**
 * Pauses this many times as long as it worked, so that sends keep their processor. It pauses less
 * during a backfill, and hardly while it is behind: one greedy sender must not outrun it for ever.
 */
const pauseShare = { live: 3, backfill: 1, behind: 0.1 }
/** Milliseconds between looks for idle blocks, while the queue is empty. */
const sealEveryMs = 2000

export interface IndexerOptions {
  pool: pg.Pool
  log: Logger
  metrics: Metrics
  stemmer: Stemmer
}

/**
 * Starts indexing what the database has queued. All nodes may run it. Disposing ends it after the
 * round in progress.
 */
export function startIndexer(options: IndexerOptions): AsyncDisposable {
  const ending = new AbortController()
  const running = run(options, ending.signal)
  return {
    async [Symbol.asyncDispose]() {
      ending.abort()
      await running
    },
  }
}

async function run(options: IndexerOptions, signal: AbortSignal): Promise<void> {
  const { pool, log } = options
  const metrics = indexerMetrics(options.metrics)
  let failures = 0
  let nextSealAt = 0
  while (!signal.aborted) {
    const startedAt = performance.now()
    const progress = { isBegun: false }
    try {
      const seconds = await ageOfQueue(pool)
      metrics.lag.set(seconds ?? 0)
      if (startedAt < nextSealAt && seconds === undefined) {
        await pause(lookEveryMs, signal)
        continue
      }
      const round = await withTransaction(pool, (tx) =>
        doRound(options, tx, { failuresHere: failures, progress }),
      )
      const tookMs = performance.now() - startedAt
      if (round.conversations > 0) metrics.seconds.observe(tookMs / 1000)
      metrics.conversations.inc(round.conversations)
      failures = 0
      if (round.conversations === 0 && round.sealed === 0) nextSealAt = performance.now() + sealEveryMs
      await pause(pauseMs(round, tookMs), signal)
    } catch (error) {
      failures += 1
      metrics.failures.inc()
      if (failures === 1) log.warn('New messages could not be indexed; retrying', { error })
      const counts = !isUnavailable(error) || isOvertime(error)
      // Only a counted try can be taken back.
      if (progress.isBegun) await failRound(pool, { reason: reasonOf(error), counts }).catch(() => {})
      await pause(lookEveryMs + fullJitter(failures, { maxMs: 3000 }), signal)
    }
  }
}

const nothing: Round = { conversations: 0, isBackfill: true, isBehind: false, sealed: 0 }

/** Counts only rounds of the queue as tries: an idle block is searchable already, and can wait. */
async function doRound(
  { pool, log, metrics, stemmer }: IndexerOptions,
  tx: pg.PoolClient,
  { failuresHere, progress }: { failuresHere: number; progress: { isBegun: boolean } },
): Promise<Round> {
  if (!(await lockIndex(tx))) return nothing
  if ((await ageOfQueue(tx)) === undefined) return sealIdle(tx, boundsAfter(failuresHere))
  const { failures, reason } = await beginRound(pool)
  progress.isBegun = true
  const bounds = boundsAfter(failures)
  if (!shouldPark(failures)) {
    const round = await indexQueued(tx, { stemmer, bounds })
    await endRound(tx, failures)
    return round
  }
  const parked = await parkNext(tx, { bounds, reason: reason ?? 'The process ended while at it' })
  await endRound(tx, failures)
  if (!parked) return nothing
  parkedCounter(metrics).inc({ kind: 'search' })
  log.error('Messages that could not be indexed are parked', { ...parked, reason })
  return { ...nothing, conversations: 1, isBehind: true }
}

function pauseMs({ conversations, isBackfill, isBehind, sealed }: Round, tookMs: number): number {
  if (isBehind && !isBackfill) return tookMs * pauseShare.behind
  const rest = tookMs * (isBackfill ? pauseShare.backfill : pauseShare.live)
  return isBackfill && conversations + sealed > 0 ? rest : Math.max(rest, lookEveryMs)
}

/** The advisory lock, "sear" in ASCII: one process at a time builds blocks. */
const indexLock = 0x73656172

/** Tries to lock the index until the transaction ends. */
async function lockIndex(tx: pg.PoolClient): Promise<boolean> {
  const { rows } = await tx.query<{ isMine: boolean }>(
    `SELECT pg_try_advisory_xact_lock(${indexLock}) AS "isMine", set_config('synchronous_commit', 'off', true)`,
  )
  return rows[0]?.isMine ?? false
}

/**
 * Counts a round as failed before it begins, in a transaction of its own, so that one that crashes
 * the process counts. Returns how many failed in a row before.
 */
async function beginRound(pool: pg.Pool): Promise<{ failures: number; reason: string | null }> {
  const { rows } = await pool.query<{ failures: number; reason: string | null }>(
    'UPDATE search_rounds SET failures = failures + 1 RETURNING failures - 1 AS failures, reason',
  )
  return rows[0] ?? { failures: 0, reason: null }
}

/** A round succeeded: the next may be larger again. */
async function endRound(tx: pg.PoolClient, failures: number): Promise<void> {
  await tx.query('UPDATE search_rounds SET failures = $1, reason = NULL', [Math.max(0, failures - 1)])
}

/** Records why a round failed. A transient failure is taken back. */
async function failRound(
  pool: pg.Pool,
  { reason, counts }: { reason: string; counts: boolean },
): Promise<void> {
  await pool.query('UPDATE search_rounds SET failures = greatest(0, failures - $1::int), reason = $2', [
    counts ? 0 : 1,
    reason,
  ])
}

function indexerMetrics(metrics: Metrics) {
  return {
    conversations: metrics.counter(
      'search_indexed_conversations_total',
      'Conversations whose new or changed messages were indexed',
    ),
    failures: metrics.counter(
      'search_index_failures_total',
      'Rounds of the search index that failed and were retried with smaller bounds',
    ),
    lag: metrics.gauge('search_index_lag_seconds', 'Age of the oldest change that is not indexed yet'),
    seconds: metrics.histogram('search_index_round_seconds', 'Time of an index round'),
  }
}
