import { AppError } from '@finnigram/service-kit'
import type { PushContext } from '../push-context.ts'
import { isFresh, type PushJob, type TakenJob } from '../push-job.ts'
import type { Standing } from '../notification-state.ts'
import { renewJobs } from './renew-jobs.ts'

/** Jobs apart: to be sent as they are now, not before a while, not needed any more, and those of which that cannot be learned at the moment. */
export interface Selected {
  ready: TakenJob[]
  early: { taken: TakenJob; restMs: number }[]
  spared: TakenJob[]
  unclear: TakenJob[]
}

/** Tells which jobs are still needed. What has waited is looked at as if it were new. */
export async function selectJobs(ctx: PushContext, jobs: readonly TakenJob[]): Promise<Selected> {
  const looked = await Promise.all(
    jobs.map(async (taken) => ({ taken, standing: await lookAt(ctx, taken.job) })),
  )
  const selected: Selected = { ready: [], early: [], spared: [], unclear: [] }
  const waited: TakenJob[] = []
  for (const { taken, standing } of looked) {
    const { job } = taken
    const restMs = job.payload.type === 'message' ? (standing?.restMs ?? 0) : 0
    if (!isNeeded(job, standing)) selected.spared.push(taken)
    else if (restMs > 0) selected.early.push({ taken, restMs })
    else if (isFresh(job, Date.now())) selected.ready.push(taken)
    else waited.push({ ...taken, job: sinceLastSent(job, standing) })
  }
  await renewAll(ctx, waited, selected)
  return selected
}

async function lookAt({ shown }: PushContext, { userId, targetKey, payload }: PushJob) {
  const { type, conversationId } = payload
  return type === 'test' ? undefined : shown.look({ userId, conversationId }, targetKey)
}

/** A message that was read, sent to this device before, or overtaken by a newer one need not be told; nor is what a newer one has replaced taken away. */
function isNeeded({ payload: { type, seq } }: PushJob, standing: Standing | undefined): boolean {
  if (!standing) return true
  const { plannedSeq, readSeq, sentSeq } = standing
  if (type === 'clear') return plannedSeq === undefined || plannedSeq <= seq
  return plannedSeq !== undefined && plannedSeq <= seq && readSeq < seq && sentSeq < seq
}

/** It stands for those that it has overtaken, too: where it is deleted, they are still to be told. */
const sinceLastSent = (job: PushJob, standing: Standing | undefined): PushJob =>
  standing && standing.sentSeq > 0 ? { ...job, fromSeq: Math.min(job.fromSeq, standing.sentSeq + 1) } : job

async function renewAll(ctx: PushContext, waited: readonly TakenJob[], selected: Selected): Promise<void> {
  try {
    const jobs = await renewJobs(
      ctx,
      waited.map(({ job }) => job),
    )
    for (const [i, taken] of waited.entries()) {
      const job = jobs[i]
      if (job) selected.ready.push({ ...taken, job })
      else selected.spared.push(taken)
    }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    selected.unclear.push(...waited)
  }
}
