import type { TakenJob } from '../push-job.ts'
import { sendByExpo } from './expo-sender.ts'
import type { Outcome } from './outcome.ts'
import { selectJobs } from './select-jobs.ts'
import { type Settling, settle } from './settle.ts'
import type { WebPushSender } from './web-push-sender.ts'

/** Sends what a node has taken from the queue, unless it is not needed any more. Rejects while Redis is away: the jobs stay on the queue, for whoever takes them over. */
export async function sendJobs(
  settling: Settling,
  { jobs, webPush }: { jobs: readonly TakenJob[]; webPush: WebPushSender },
): Promise<void> {
  const { ctx } = settling
  await Promise.all(jobs.flatMap(({ job }) => (job.testId ? [ctx.tests.taken(job.testId)] : [])))
  const { ready, early, spared, unclear } = await selectJobs(ctx, jobs)
  ctx.figures.spared.inc(spared.length)
  await ctx.queue.finish(spared.map(({ entryId }) => entryId))
  const phones = ready.filter(({ job }) => job.target.kind === 'expo')
  const browsers = ready.filter(({ job }) => job.target.kind === 'webpush')
  await Promise.all([
    sendToPhones(settling, phones),
    ...early.map(({ taken, restMs }) => ctx.queue.postpone(taken, restMs)),
    ...browsers.map(async (taken) => settle(settling, taken, await sendToBrowser(settling, taken, webPush))),
    ...unclear.map((taken) => settle(settling, taken, isUnclear)),
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
async function sendToBrowser({ ctx }: Settling, { job }: TakenJob, webPush: WebPushSender): Promise<Outcome> {
  try {
    return await webPush.send(job)
  } catch (error) {
    ctx.log.error('A notification could not be sent', { error })
    return isBroken
  }
}

async function sendToPhones({ ctx, ...rest }: Settling, phones: readonly TakenJob[]): Promise<void> {
  if (phones.length === 0) return
  const outcomes = await sendByExpo(
    ctx.expo.expo,
    phones.map(({ job }) => job),
  )
  await Promise.all(
    phones.map((taken, i) => {
      const outcome = outcomes[i]
      return outcome && settle({ ctx, ...rest }, taken, outcome)
    }),
  )
}
