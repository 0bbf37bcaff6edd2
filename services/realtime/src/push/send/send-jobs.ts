import { fullJitter } from '@finnigram/service-kit'
import { toClearing } from '../clear-read.ts'
import type { WithLog } from '../deps.ts'
import type { WithJobQueue } from '../job-queue.ts'
import { countBadges } from '../plan-notifications.ts'
import { nextAttempt, type Outcome, type PushJob, type TakenJob } from '../push-job.ts'
import type { WithPushMetrics } from '../push-metrics.ts'
import type { WithPushTests } from '../test-push.ts'
import { sendByExpo, type WithExpo } from './expo.ts'
import type { Receipts } from './receipts.ts'
import type { Refusals } from './refusals.ts'
import { type SelectDeps, selectJobs } from './select-jobs.ts'
import type { WebPushSender } from './web-push-sender.ts'

interface Sending {
  jobs: readonly TakenJob[]
  webPush: WebPushSender
  /** Called for each job that has left the queue. */
  ended: (taken: TakenJob) => void
}

/**
 * Sends jobs that are still needed. Rejects while Redis is down: the jobs stay on the queue for
 * another attempt.
 */
export async function sendJobs(deps: SettleDeps, { jobs, webPush, ended }: Sending): Promise<void> {
  const { ctx } = deps
  const end = async (taken: TakenJob, outcome: Outcome) => {
    await settle(deps, taken, outcome)
    ended(taken)
  }
  await Promise.all(jobs.flatMap(({ job }) => (job.testId ? [ctx.tests.markTaken(job.testId)] : [])))
  const { ready, early, spared, unclear } = await selectJobs(ctx, jobs)
  ctx.metrics.spared.inc(spared.length)
  await ctx.queue.finish(spared.map(({ entryId }) => entryId))
  spared.forEach(ended)
  const phones = ready.filter(({ job }) => job.target.kind === 'expo')
  const browsers = ready.filter(({ job }) => job.target.kind === 'webpush')
  await Promise.all([
    sendToPhones(ctx, phones, end),
    ...early.map(async ({ taken, restMs }) => {
      await ctx.queue.postpone(nextAttempt(taken), restMs)
      ended(taken)
    }),
    ...browsers.map(async (taken) => end(taken, await sendToBrowser(ctx, taken, webPush))),
    ...unclear.map((taken) => end(taken, isUnclear)),
  ])
}

const isUnclear: Outcome = {
  kind: 'later',
  reason: 'unclear',
  detail: 'The server cannot look up whether it is still wanted.',
}
const isBroken: Outcome = {
  kind: 'refused',
  reason: 'broken',
  detail: 'The server cannot send to what the browser gave.',
}

/** A broken job neither blocks others nor is retried for ever. */
async function sendToBrowser({ log }: WithLog, { job }: TakenJob, webPush: WebPushSender): Promise<Outcome> {
  try {
    return await webPush.send(job)
  } catch (error) {
    log.error('A notification could not be sent', { error })
    return isBroken
  }
}

async function sendToPhones(
  { expo: { expo } }: WithExpo,
  phones: readonly TakenJob[],
  end: (taken: TakenJob, outcome: Outcome) => Promise<void>,
): Promise<void> {
  if (phones.length === 0) return
  const outcomes = await sendByExpo(
    expo,
    phones.map(({ job }) => job),
  )
  await Promise.all(
    phones.map((taken, i) => {
      const outcome = outcomes[i]
      return outcome && end(taken, outcome)
    }),
  )
}

/** How long a job is retried, in milliseconds. */
const triedForMs = 6 * 3600_000

export type SendDeps = SelectDeps & WithExpo & WithJobQueue & WithLog & WithPushMetrics & WithPushTests

export interface SettleDeps {
  ctx: SendDeps
  receipts: Receipts
  refusals: Refusals
  forget: (targetKey: string) => void
}

/** Applies an outcome. Only then does the job leave the queue. */
async function settle(deps: SettleDeps, taken: TakenJob, outcome: Outcome): Promise<void> {
  const { ctx, forget } = deps
  const { job, entryId } = taken
  const { kind } = job.target
  if (job.testId) await ctx.tests.markEnded(job.testId, outcome)
  if (outcome.kind === 'later') {
    const delayMs = delayOf(job, outcome.afterMs)
    if (mayBeTriedAgain(job, delayMs)) {
      ctx.metrics.retried.inc({ kind, reason: outcome.reason })
      return ctx.queue.postpone(outcome.untried ? taken : nextAttempt(taken), delayMs)
    }
  }
  if (outcome.kind === 'sent') await noteSent(deps, job, outcome.receiptId)
  else ctx.metrics.failed.inc({ kind, reason: outcome.kind === 'gone' ? 'gone' : outcome.reason })
  if (outcome.kind === 'gone') forget(job.targetKey)
  if (outcome.kind === 'refused') await noteRefused(deps, job, outcome)
  await ctx.queue.finish([entryId])
}

/** A test is never retried: its caller waits for the outcome. */
const mayBeTriedAgain = ({ testId, queuedAt }: PushJob, delayMs: number) =>
  !testId && Date.now() + delayMs - queuedAt < triedForMs

function delayOf({ attempt }: PushJob, afterMs: number | undefined): number {
  const jitter = fullJitter(attempt, { baseMs: 2000, maxMs: 300_000 })
  return afterMs === undefined ? 250 + jitter : afterMs + Math.min(jitter, 5000)
}

async function noteRefused(
  { ctx, refusals, forget }: SettleDeps,
  job: PushJob,
  { reason, mayBeGone }: Extract<Outcome, { kind: 'refused' }>,
): Promise<void> {
  const { kind } = job.target
  ctx.log.warn('A notification was refused', { kind, reason })
  // A clearing is sent in another way, so its refusal says nothing about the device.
  const counts = mayBeGone && job.payload.type !== 'clear'
  if (!counts || !(await refusals.note(job))) return
  ctx.log.info('A device whose push service refuses everything is removed', { kind, reason })
  forget(job.targetKey)
}

async function noteSent(
  { ctx, receipts, refusals }: SettleDeps,
  job: PushJob,
  receiptId: string | undefined,
): Promise<void> {
  const { userId, targetKey, payload, target } = job
  const { type, conversationId, seq } = payload
  ctx.metrics.sent.inc({ kind: target.kind, type })
  if (type === 'message') ctx.metrics.delay.observe(Math.max(0, Date.now() - job.at) / 1000)
  const [isUnread] = await Promise.all([
    type !== 'message' || ctx.notificationState.sent({ userId, conversationId }, targetKey, seq),
    refusals.forget(job),
    receiptId === undefined || receipts.expect(receiptId, targetKey),
  ])
  if (isUnread) return
  // It was read while it was in flight, so no clearing was queued for this device.
  const badges = await countBadges(ctx, [userId]).catch(() => new Map<string, number>())
  const badge = badges.get(userId) ?? payload.badge
  await ctx.queue.add([toClearing(job, { read: { conversationId, readSeq: seq }, badge })])
}
