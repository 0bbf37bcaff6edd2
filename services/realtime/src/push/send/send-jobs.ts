import type { PushContext } from '../push-context.ts'
import { again, type TakenJob } from '../push-job.ts'
import { sendByExpo } from './expo.ts'
import type { Outcome } from './outcome.ts'
import { selectJobs } from './select-jobs.ts'
import { type Settling, settle } from './settle.ts'
import type { WebPushSender } from './web-push-sender.ts'

interface Sending {
  jobs: readonly TakenJob[]
  webPush: WebPushSender
  /** Called of each as soon as it has left the queue. */
  ended: (taken: TakenJob) => void
}

/** Sends what a node has taken from the queue, unless it is not needed any more. Rejects while Redis is away: the jobs stay on the queue, for whoever takes them over. */
export async function sendJobs(settling: Settling, { jobs, webPush, ended }: Sending): Promise<void> {
  const { ctx } = settling
  const end = async (taken: TakenJob, outcome: Outcome) => {
    await settle(settling, taken, outcome)
    ended(taken)
  }
  await Promise.all(jobs.flatMap(({ job }) => (job.testId ? [ctx.tests.taken(job.testId)] : [])))
  const { ready, early, spared, unclear } = await selectJobs(ctx, jobs)
  ctx.figures.spared.inc(spared.length)
  await ctx.queue.finish(spared.map(({ entryId }) => entryId))
  spared.forEach(ended)
  const phones = ready.filter(({ job }) => job.target.kind === 'expo')
  const browsers = ready.filter(({ job }) => job.target.kind === 'webpush')
  await Promise.all([
    sendToPhones(ctx, phones, end),
    ...early.map(async ({ taken, restMs }) => {
      await ctx.queue.postpone(again(taken), restMs)
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

/** What is wrong with one job keeps no other from being sent, and is not tried for ever. */
async function sendToBrowser(
  { log }: PushContext,
  { job }: TakenJob,
  webPush: WebPushSender,
): Promise<Outcome> {
  try {
    return await webPush.send(job)
  } catch (error) {
    log.error('A notification could not be sent', { error })
    return isBroken
  }
}

async function sendToPhones(
  { expo: { expo } }: PushContext,
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
