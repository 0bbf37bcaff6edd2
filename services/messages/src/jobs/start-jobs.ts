import { fullJitter, pause } from '@finnigram/service-kit'
import type { WithLog, WithMetrics, WithPool } from '../deps.ts'
import { claimJob, completeJob, continueJob, countJobs, failJob, type Job } from './job-queue.ts'

/**
 * The job queue: long work in the database, such as leaving the thousands of groups of a deleted
 * account. An event handler enqueues a job in its transaction and does not wait for it.
 *
 * Promise: every job is done at least once, in pieces, by any node. The job of one account never
 * delays that of another for longer than a piece.
 *
 * Procedure, on every node:
 * 1. Claim the job that has waited longest, with a lease, and do one piece of some tenths of a
 *    second.
 * 2. Store the progress and put the job at the end of the queue (`job-queue.ts`).
 * 3. Rest for as long as the piece took, at most a second, so that sends keep the database.
 * 4. Retry a failed piece with backoff; after too many attempts park the job with its reason. An
 *    operator retries or drops it (`npm run parked`).
 *
 * A piece may run twice: a node that dies leaves its job to the others when the lease ends.
 * Handlers are therefore idempotent. No request ever waits for a job.
 */

/** One piece of a job. Returns the progress, or `done`. Short and idempotent. */
export type JobHandler = (subject: string, place: unknown) => Promise<{ place: unknown } | 'done'>

interface JobsOptions extends WithPool, WithLog, WithMetrics {
  handlers: Record<string, JobHandler>
}

export interface Jobs extends AsyncDisposable {
  /** Looks at the queue at once, after a commit that enqueued. */
  wake(): void
}

export interface WithJobs {
  readonly jobs: Pick<Jobs, 'wake'>
}

/** Attempts at a piece before its job is parked. */
const mostAttempts = 8
const backoff = { baseMs: 500, maxMs: 60_000 }
/** Milliseconds between polls: other nodes enqueue too, and leases end. */
const pollEveryMs = 2000
const countEveryMs = 15_000
const longestRestMs = 1000

/** Starts the worker of this process. Disposing ends it after its present piece. */
export function startJobs(options: JobsOptions): Jobs {
  const ending = new AbortController()
  let woken = new AbortController()
  const idle = async () => {
    await pause(pollEveryMs, AbortSignal.any([woken.signal, ending.signal]))
    woken = new AbortController()
  }
  const running = Promise.all([work(options, { idle, signal: ending.signal }), count(options, ending.signal)])
  return {
    wake: () => woken.abort(),
    async [Symbol.asyncDispose]() {
      ending.abort()
      await running
    },
  }
}

async function work(
  options: JobsOptions,
  { idle, signal }: { idle: () => Promise<void>; signal: AbortSignal },
): Promise<void> {
  const pieces = options.metrics.counter('job_pieces_total', 'Pieces of jobs, by outcome', [
    'kind',
    'outcome',
  ])
  for (let failures = 0; !signal.aborted; ) {
    const startedAt = performance.now()
    try {
      const job = await claimJob(options.pool)
      if (job) {
        pieces.inc({ kind: job.kind, outcome: await doPiece(options, job) })
        await pause(Math.min(performance.now() - startedAt, longestRestMs), signal)
      } else await idle()
      failures = 0
    } catch (error) {
      failures += 1
      if (failures === 1) options.log.warn('Jobs cannot be claimed', { error })
      await pause(100 + fullJitter(failures), signal)
    }
  }
}

async function doPiece(
  { pool, log, handlers }: JobsOptions,
  job: Job,
): Promise<'done' | 'continued' | 'failed' | 'parked'> {
  const { id, kind, subject, attempts } = job
  try {
    const handler = handlers[kind]
    if (!handler) throw new Error(`There is no handler of ${kind}`)
    if (attempts > mostAttempts) throw new Error('Too many attempts began and none finished')
    const outcome = await handler(subject, job.place)
    if (outcome === 'done') await completeJob(pool, job)
    else await continueJob(pool, job, outcome.place)
    return outcome === 'done' ? 'done' : 'continued'
  } catch (error) {
    const isParked = attempts >= mostAttempts
    log[isParked ? 'error' : 'warn'](isParked ? 'A job is parked' : 'A piece of a job failed', {
      ...{ id, kind, attempts, error },
    })
    const afterMs = isParked ? undefined : 200 + fullJitter(attempts, backoff)
    await failJob(pool, job, { error, afterMs })
    return isParked ? 'parked' : 'failed'
  }
}

async function count({ pool, metrics, handlers }: JobsOptions, signal: AbortSignal): Promise<void> {
  const gauges = {
    waiting: metrics.gauge('jobs_waiting', 'Jobs that are queued or running', { labels: ['kind'] }),
    parked: metrics.gauge('jobs_parked', 'Jobs that kept failing and are parked', {
      labels: ['kind'],
    }),
    oldestSeconds: metrics.gauge('jobs_oldest_seconds', 'Age of the oldest job that is not parked', {
      labels: ['kind'],
    }),
  }
  while (!signal.aborted) {
    const counts = await countJobs(pool).catch(() => undefined)
    for (const kind of counts ? Object.keys(handlers) : []) {
      const found = counts?.find((one) => one.kind === kind)
      gauges.waiting.set({ kind }, found?.waiting ?? 0)
      gauges.parked.set({ kind }, found?.parked ?? 0)
      gauges.oldestSeconds.set({ kind }, found?.oldestSeconds ?? 0)
    }
    await pause(countEveryMs, signal)
  }
}
