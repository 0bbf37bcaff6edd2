import { fullJitter, type Logger, type Metrics, pause, withTransaction } from '@finnigram/service-kit'
import type pg from 'pg'
import { indexQueued } from './index-queued.ts'
import type { Stemmer } from './stemmer.ts'

/** Milliseconds between looks at the queue. What comes meanwhile is done at once, and a busy conversation is written once. */
const lookEveryMs = 200
/** Rests this many times as long as it worked, so that it never takes a processor from the sends; less while it only makes up for what was before. */
const restShare = { live: 3, backfill: 1 }
/** Milliseconds between looks for what has become quiet, while there is nothing else to do. */
const quietEveryMs = 2000

export interface IndexerOptions {
  pool: pg.Pool
  log: Logger
  metrics: Metrics
  stemmer: Stemmer
}

/** Makes what was said findable, from the queue that the database fills; as many nodes as there are take turns. Disposing ends it after the round it is in. */
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

async function run({ pool, log, metrics, stemmer }: IndexerOptions, signal: AbortSignal): Promise<void> {
  const figures = indexerFigures(metrics)
  let failures = 0
  let quietAt = 0
  while (!signal.aborted) {
    const startedAt = performance.now()
    try {
      if (startedAt < quietAt && !(await isQueued(pool))) {
        await pause(lookEveryMs, signal)
        continue
      }
      const { conversations, isBackfill, quiet } = await withTransaction(pool, (tx) =>
        indexQueued(tx, stemmer),
      )
      const tookMs = performance.now() - startedAt
      if (conversations > 0) figures.seconds.observe(tookMs / 1000)
      figures.conversations.inc(conversations)
      failures = 0
      const restMs = tookMs * (isBackfill ? restShare.backfill : restShare.live)
      if (conversations === 0 && quiet === 0) quietAt = performance.now() + quietEveryMs
      const isBehind = isBackfill && conversations + quiet > 0
      await pause(isBehind ? restMs : Math.max(restMs, lookEveryMs), signal)
    } catch (error) {
      failures += 1
      figures.failures.inc()
      if (failures === 1) log.warn('New messages could not be made findable; trying again', { error })
      await pause(lookEveryMs + fullJitter(failures, { maxMs: 3000 }), signal)
    }
  }
}

/** Five times a second beside everything else: one small question, and no transaction for nothing. */
async function isQueued(pool: pg.Pool): Promise<boolean> {
  const { rowCount } = await pool.query({
    name: 'is-search-queued',
    text: 'SELECT FROM search_queue ORDER BY is_backfill, id LIMIT 1',
  })
  return rowCount !== 0
}

function indexerFigures(metrics: Metrics) {
  return {
    conversations: metrics.counter(
      'search_indexed_conversations_total',
      'Conversations whose new or changed messages were made findable',
    ),
    failures: metrics.counter(
      'search_index_failures_total',
      'Rounds of the search index that failed and were tried again',
    ),
    seconds: metrics.histogram('search_index_round_seconds', 'Time to make a round of messages findable'),
  }
}
