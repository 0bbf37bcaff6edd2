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
import { indexQueued, indexQuiet, type Round } from './index-queued.ts'
import { beginRound, boundsAfter, endRound, failRound, isHopeless, lockIndex } from './index-rounds.ts'
import { parkNext } from './park-range.ts'
import type { Stemmer } from './stemmer.ts'

/** Milliseconds between looks at the queue. What comes meanwhile is done at once, and a busy conversation is written once. */
const lookEveryMs = 200
/**
 * Rests this many times as long as it worked, so that it never takes a processor from the sends. Less while it makes up
 * for what was before, and hardly at all while it is behind: whoever sends without a pause must not leave it behind for ever.
 */
const restShare = { live: 3, backfill: 1, behind: 0.1 }
/** Milliseconds between looks for what has become quiet, while there is nothing else to do. */
const quietEveryMs = 2000

export interface IndexerOptions {
  pool: pg.Pool
  log: Logger
  metrics: Metrics
  stemmer: Stemmer
}

/**
 * Makes what was said findable, from the queue that the database fills; as many nodes as there are take turns. Rounds are
 * bounded in number and bytes. One that fails is followed by a smaller one, and a message with which even a round of its
 * own fails is parked. Disposing ends it after the round it is in.
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
  const figures = indexerFigures(options.metrics)
  let failures = 0
  let quietAt = 0
  while (!signal.aborted) {
    const startedAt = performance.now()
    const progress = { isBegun: false }
    try {
      const seconds = await ageOfQueue(pool)
      figures.lag.set(seconds ?? 0)
      if (startedAt < quietAt && seconds === undefined) {
        await pause(lookEveryMs, signal)
        continue
      }
      const round = await withTransaction(pool, (tx) =>
        doRound(options, tx, { failuresHere: failures, progress }),
      )
      const tookMs = performance.now() - startedAt
      if (round.conversations > 0) figures.seconds.observe(tookMs / 1000)
      figures.conversations.inc(round.conversations)
      failures = 0
      if (round.conversations === 0 && round.quiet === 0) quietAt = performance.now() + quietEveryMs
      await pause(restMs(round, tookMs), signal)
    } catch (error) {
      failures += 1
      figures.failures.inc()
      if (failures === 1) log.warn('New messages could not be made findable; trying again', { error })
      const counts = !isUnavailable(error) || isOvertime(error)
      // Only a round that was counted can be taken back.
      if (progress.isBegun) await failRound(pool, { reason: reasonOf(error), counts }).catch(() => {})
      await pause(lookEveryMs + fullJitter(failures, { maxMs: 3000 }), signal)
    }
  }
}

const nothing: Round = { conversations: 0, isBackfill: true, isBehind: false, quiet: 0 }

/** Only rounds of the queue are counted: what is quiet has been findable all along, and waits. */
async function doRound(
  { pool, log, metrics, stemmer }: IndexerOptions,
  tx: pg.PoolClient,
  { failuresHere, progress }: { failuresHere: number; progress: { isBegun: boolean } },
): Promise<Round> {
  if (!(await lockIndex(tx))) return nothing
  if ((await ageOfQueue(tx)) === undefined) return indexQuiet(tx, boundsAfter(failuresHere))
  const { failures, reason } = await beginRound(pool)
  progress.isBegun = true
  const bounds = boundsAfter(failures)
  if (!isHopeless(failures)) {
    const round = await indexQueued(tx, { stemmer, bounds })
    await endRound(tx, failures)
    return round
  }
  const parked = await parkNext(tx, { bounds, reason: reason ?? 'The process ended while at it' })
  await endRound(tx, failures)
  if (!parked) return nothing
  parkedCounter(metrics).inc({ kind: 'search' })
  log.error('Messages that could not be made findable are parked', { ...parked, reason })
  return { ...nothing, conversations: 1, isBehind: true }
}

function restMs({ conversations, isBackfill, isBehind, quiet }: Round, tookMs: number): number {
  if (isBehind && !isBackfill) return tookMs * restShare.behind
  const rest = tookMs * (isBackfill ? restShare.backfill : restShare.live)
  return isBackfill && conversations + quiet > 0 ? rest : Math.max(rest, lookEveryMs)
}

/** Seconds since the first in the queue came; undefined where it is empty. Five times a second beside everything else: one small question, and no transaction for nothing. */
async function ageOfQueue(db: pg.Pool | pg.PoolClient): Promise<number | undefined> {
  const { rows } = await db.query<{ seconds: number }>({
    name: 'is-search-queued',
    text: `SELECT extract(epoch FROM now() - queued_at)::float8 AS seconds FROM search_queue ORDER BY is_backfill, id LIMIT 1`,
  })
  return rows[0]?.seconds
}

function indexerFigures(metrics: Metrics) {
  return {
    conversations: metrics.counter(
      'search_indexed_conversations_total',
      'Conversations whose new or changed messages were made findable',
    ),
    failures: metrics.counter(
      'search_index_failures_total',
      'Rounds of the search index that failed and were tried again, smaller',
    ),
    lag: metrics.gauge('search_index_lag_seconds', 'Age of the oldest change that search does not know yet'),
    seconds: metrics.histogram('search_index_round_seconds', 'Time to make a round of messages findable'),
  }
}
