import { AppError } from '@finnigram/service-kit'
import type { PushContext } from '../push-context.ts'
import type { PushJob, TakenJob } from '../push-job.ts'
import { renewJobs } from './renew-jobs.ts'

/** Jobs apart: to be sent as they are now, not needed any more, and those of which that cannot be learned at the moment. */
export interface Selected {
  ready: TakenJob[]
  spared: TakenJob[]
  unclear: TakenJob[]
}

/** Tells which jobs are still needed. What has waited since it was tried is looked at as if it were new. */
export async function selectJobs(ctx: PushContext, jobs: readonly TakenJob[]): Promise<Selected> {
  const needs = await Promise.all(jobs.map(({ job }) => isNeeded(ctx, job)))
  const needed = jobs.filter((_, i) => needs[i])
  const fresh = needed.filter(({ job }) => job.attempt === 0)
  const waited = needed.filter(({ job }) => job.attempt > 0)
  const spared = jobs.filter((_, i) => !needs[i])
  try {
    const renewed = await renewJobs(
      ctx,
      waited.map(({ job }) => job),
    )
    for (const [i, { entryId }] of waited.entries()) {
      const job = renewed[i]
      if (job) fresh.push({ entryId, job })
    }
    return { ready: fresh, spared: [...spared, ...waited.filter((_, i) => !renewed[i])], unclear: [] }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return { ready: fresh, spared, unclear: waited }
  }
}

/** A message that was read, sent to this device before, or overtaken by a newer one need not be told; nor is what a newer one has replaced taken away. */
async function isNeeded({ shown }: PushContext, { userId, targetKey, payload }: PushJob): Promise<boolean> {
  const { type, conversationId, seq } = payload
  if (type === 'test') return true
  const { plannedSeq, readSeq, sentSeq } = await shown.look({ userId, conversationId }, targetKey)
  if (type === 'clear') return plannedSeq === undefined || plannedSeq <= seq
  return plannedSeq !== undefined && plannedSeq <= seq && readSeq < seq && sentSeq < seq
}
