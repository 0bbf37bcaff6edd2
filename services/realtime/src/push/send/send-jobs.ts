import type { PushJob, TakenJob } from '../push-job.ts'
import { sendByExpo } from './expo-sender.ts'
import { type Settling, settle } from './settle.ts'
import type { WebPushSender } from './web-push-sender.ts'

/** Sends what a node has taken from the queue, unless it is not needed any more. Rejects while Redis is away: the jobs stay on the queue, for whoever takes them over. */
export async function sendJobs(
  settling: Settling,
  { jobs, webPush }: { jobs: readonly TakenJob[]; webPush: WebPushSender },
): Promise<void> {
  const { ctx } = settling
  await Promise.all(jobs.flatMap(({ job }) => (job.testId ? [ctx.tests.taken(job.testId)] : [])))
  const needed = await Promise.all(jobs.map(({ job }) => isNeeded(settling, job)))
  const spared = jobs.filter((_, i) => !needed[i])
  ctx.figures.spared.inc(spared.length)
  await ctx.queue.finish(spared.map(({ entryId }) => entryId))
  const rest = jobs.filter((_, i) => needed[i])
  const phones = rest.filter(({ job }) => job.target.kind === 'expo')
  const browsers = rest.filter(({ job }) => job.target.kind === 'webpush')
  await Promise.all([
    sendToPhones(settling, phones),
    ...browsers.map(async (taken) => settle(settling, taken, await webPush.send(taken.job))),
  ])
}

async function sendToPhones(settling: Settling, phones: readonly TakenJob[]): Promise<void> {
  if (phones.length === 0) return
  const outcomes = await sendByExpo(
    settling.ctx.expo.expo,
    phones.map(({ job }) => job),
  )
  await Promise.all(
    phones.map((taken, i) => {
      const outcome = outcomes[i]
      return outcome && settle(settling, taken, outcome)
    }),
  )
}

/** A message that was read, sent to this device before, or overtaken by a newer one need not be told; nor is what a newer one has replaced taken away. */
async function isNeeded({ ctx }: Settling, { userId, targetKey, payload }: PushJob): Promise<boolean> {
  const { type, conversationId, seq } = payload
  if (type === 'test') return true
  const { plannedSeq, readSeq, sentSeq } = await ctx.shown.look({ userId, conversationId }, targetKey)
  if (type === 'clear') return plannedSeq === undefined || plannedSeq <= seq
  return plannedSeq !== undefined && plannedSeq <= seq && readSeq < seq && sentSeq < seq
}
