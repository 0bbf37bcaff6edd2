import { fullJitter } from '@finnigram/service-kit'
import { toClearing } from '../clear-read.ts'
import { countBadges } from '../plan-notifications.ts'
import type { PushContext } from '../push-context.ts'
import { again, type PushJob, type TakenJob } from '../push-job.ts'
import type { Outcome } from './outcome.ts'
import type { Receipts } from './receipts.ts'
import type { Refusals } from './refusals.ts'

/** How long it is tried to send something, in milliseconds: later nobody wants to be woken by it. */
const triedForMs = 6 * 3600_000

export interface Settling {
  ctx: PushContext
  receipts: Receipts
  refusals: Refusals
  forget: (targetKey: string) => void
}

/** Does what follows from an outcome; only then the job leaves the queue. */
export async function settle(settling: Settling, taken: TakenJob, outcome: Outcome): Promise<void> {
  const { ctx, forget } = settling
  const { job, entryId } = taken
  const { kind } = job.target
  if (job.testId) await ctx.tests.ended(job.testId, outcome)
  if (outcome.kind === 'later') {
    const delayMs = delayOf(job, outcome.afterMs)
    if (mayBeTriedAgain(job, delayMs)) {
      ctx.figures.retried.inc({ kind, reason: outcome.reason })
      return ctx.queue.postpone(again(taken), delayMs)
    }
  }
  if (outcome.kind === 'sent') await noteSent(settling, job, outcome.receiptId)
  else ctx.figures.failed.inc({ kind, reason: outcome.kind === 'gone' ? 'gone' : outcome.reason })
  if (outcome.kind === 'gone') forget(job.targetKey)
  if (outcome.kind === 'refused') await noteRefused(settling, job, outcome)
  await ctx.queue.finish([entryId])
}

/** Whoever tests wants to know what happens now. */
const mayBeTriedAgain = ({ testId, queuedAt }: PushJob, delayMs: number) =>
  !testId && Date.now() + delayMs - queuedAt < triedForMs

function delayOf({ attempt }: PushJob, afterMs: number | undefined): number {
  const jitter = fullJitter(attempt, { baseMs: 2000, maxMs: 300_000 })
  return afterMs === undefined ? 250 + jitter : afterMs + Math.min(jitter, 5000)
}

async function noteRefused(
  { ctx, refusals, forget }: Settling,
  job: PushJob,
  { reason, mayBeGone }: Extract<Outcome, { kind: 'refused' }>,
): Promise<void> {
  const { kind } = job.target
  ctx.log.warn('A notification was refused', { kind, reason })
  // What is to be shown, and not what takes it away: that is sent in another way.
  const counts = mayBeGone && job.payload.type !== 'clear'
  if (!counts || !(await refusals.note(job))) return
  ctx.log.info('A device whose push service takes nothing for it is forgotten', { kind, reason })
  forget(job.targetKey)
}

async function noteSent(
  { ctx, receipts, refusals }: Settling,
  job: PushJob,
  receiptId: string | undefined,
): Promise<void> {
  const { userId, targetKey, payload, target } = job
  const { type, conversationId, seq } = payload
  ctx.figures.sent.inc({ kind: target.kind, type })
  if (type === 'message') ctx.figures.delay.observe(Math.max(0, Date.now() - job.at) / 1000)
  const [isUnread] = await Promise.all([
    type !== 'message' || ctx.shown.sent({ userId, conversationId }, targetKey, seq),
    refusals.forget(job),
    receiptId === undefined || receipts.expect(receiptId, targetKey),
  ])
  if (isUnread) return
  // It was read while it was on its way, by somebody who did not know of this device.
  const badges = await countBadges(ctx, [userId]).catch(() => new Map<string, number>())
  const badge = badges.get(userId) ?? payload.badge
  await ctx.queue.add([toClearing(job, { read: { conversationId, readSeq: seq }, badge })])
}
