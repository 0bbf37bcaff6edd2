import { fullJitter, type Logger, type Metrics, pause } from '@finnigram/service-kit'
import type pg from 'pg'
import { continueJob, countJobs, failJob, finishJob, type Job, takeJob } from './job-queue.ts'

/**
 * Runs work that grows with what somebody did before: what follows when an account with thousands of groups ends, for
 * instance. An event must not wait for it, so the handler of the event queues a job, and this does it in pieces.
 *
 * 1. A node takes the job that has waited longest and does one piece of it, some tenths of a second long.
 * 2. The rest goes to the end of the queue: nobody's job waits for all of somebody else's.
 * 3. The node rests for as long as it worked, a second at most, so that jobs never take the database from the sends.
 *
 * A piece may run any number of times, on any node: one that dies leaves its job to the others when its lease ends. What
 * fails again and again is parked with its reason, and stays in the table until an operator has it tried again.
 */

/** One piece of a job: how far it has come, or `done`. Short, and safe to run twice. */
export type JobHandler = (subject: string, place: unknown) => Promise<{ place: unknown } | 'done'>

export interface JobsOptions {
  pool: pg.Pool
  log: Logger
  metrics: Metrics
  handlers: Record<string, JobHandler>
}

export interface Jobs extends AsyncDisposable {
  /** Says that something was queued. Returns at once. */
  wake(): void
}

/** Tries of a piece before its job is parked. */
const mostAttempts = 8
const backoff = { baseMs: 500, maxMs: 60_000 }
/** Milliseconds between looks at the queue: other nodes queue, too, and leases end. */
const lookEveryMs = 2000
const countEveryMs = 15_000
const longestRestMs = 1000

/** Starts to work on the queue. Disposing ends it after the piece it is in. */
export function startJobs(options: JobsOptions): Jobs {
  const ending = new AbortController()
  let woken = new AbortController()
  const rest = async () => {
    await pause(lookEveryMs, AbortSignal.any([woken.signal, ending.signal]))
    woken = new AbortController()
  }
  const running = Promise.all([work(options, { rest, signal: ending.signal }), count(options, ending.signal)])
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
  { rest, signal }: { rest: () => Promise<void>; signal: AbortSignal },
): Promise<void> {
  const pieces = options.metrics.counter('job_pieces_total', 'Pieces of long work, by how they ended', [
    'kind',
    'outcome',
  ])
  for (let failures = 0; !signal.aborted; ) {
    const startedAt = performance.now()
    try {
      const job = await takeJob(options.pool)
      if (job) {
        pieces.inc({ kind: job.kind, outcome: await doPiece(options, job) })
        await pause(Math.min(performance.now() - startedAt, longestRestMs), signal)
      } else await rest()
      failures = 0
    } catch (error) {
      failures += 1
      if (failures === 1) options.log.warn('Jobs cannot be taken from the queue', { error })
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
    if (attempts > mostAttempts) throw new Error('It was begun too often and never finished')
    const outcome = await handler(subject, job.place)
    if (outcome === 'done') await finishJob(pool, job)
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
    waiting: metrics.gauge('jobs_waiting', 'Long work that is queued or under way', { labels: ['kind'] }),
    parked: metrics.gauge('jobs_parked', 'Long work that kept failing and was set aside', {
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
