import { messagesApi, type PushDevice, usersApi } from '@finnigram/contracts'
import { type Called, composeNotification } from '../compose-notification.ts'
import type { PushContext } from '../push-context.ts'
import type { PushJob } from '../push-job.ts'
import { targetOf } from '../target-of.ts'

/**
 * Jobs that waited for another try, as things stand now; undefined in the place of one that nobody wants any more: its
 * device was signed out or has got them meanwhile, its messages deleted, its conversation muted. Throws `unavailable` where that cannot be learned.
 */
export async function renewJobs(
  ctx: PushContext,
  jobs: readonly PushJob[],
): Promise<(PushJob | undefined)[]> {
  if (jobs.length === 0) return []
  const userIds = [...new Set(jobs.map(({ userId }) => userId))]
  const [{ items: devices }, called] = await Promise.all([
    ctx.users.call(usersApi.listPushDevices, { body: { userIds } }),
    listCalled(ctx, jobs),
  ])
  const byTarget = new Map(devices.map((device) => [deviceOf(device), device]))
  const reached = await ctx.acknowledgements.read(
    jobs.map((job) => ({
      conversationId: job.payload.conversationId,
      sessionId: byTarget.get(deviceOf(job))?.sessionId ?? '',
    })),
  )
  return jobs.map((job, i) => {
    const device = byTarget.get(deviceOf(job))
    if (!device) return undefined
    if (job.payload.type === 'clear') return { ...job, target: device.target, targetKey: device.targetKey }
    return (reached[i] ?? 0) < job.payload.seq ? renew(job, device, called.get(placeOf(job))) : undefined
  })
}

/**
 * Whom messages call by now, by conversation and last message. Jobs of a conversation that end elsewhere are asked about
 * apart: of a range only the last message of each person is told, and some wait for an earlier one.
 */
async function listCalled(ctx: PushContext, jobs: readonly PushJob[]): Promise<Map<string, Called>> {
  const telling = jobs.filter(({ payload }) => payload.type === 'message')
  const ranges = [...Map.groupBy(telling, placeOf).values()].map((same) => ({
    conversationId: same[0]?.payload.conversationId ?? '',
    fromSeq: Math.min(...same.map(({ fromSeq }) => fromSeq)),
    toSeq: same[0]?.payload.seq ?? 0,
  }))
  const called = new Map<string, Called>()
  let left = ranges
  while (left.length > 0) {
    const asked = new Map(left.map((range) => [range.conversationId, range]))
    const conversations = [...asked.values()]
    const { items } = await ctx.messages.call(messagesApi.listPushRecipients, { body: { conversations } })
    for (const item of items)
      called.set(nameOf(item.conversationId, asked.get(item.conversationId)?.toSeq ?? 0), item)
    left = left.filter((range) => asked.get(range.conversationId) !== range)
  }
  return called
}

const deviceOf = ({ userId, targetKey }: Pick<PushJob, 'userId' | 'targetKey'>) =>
  `${userId} ${targetOf(targetKey)}`
const placeOf = ({ payload }: PushJob) => nameOf(payload.conversationId, payload.seq)
const nameOf = (conversationId: string, toSeq: number) => `${conversationId} ${toSeq}`

function renew(
  job: PushJob,
  { target, targetKey, sound, preview }: PushDevice,
  news: Called | undefined,
): PushJob | undefined {
  const { seq } = job.payload
  const recipient = news?.recipients.find(({ userId }) => userId === job.userId)
  if (!news || !recipient || recipient.firstSeq > seq) return undefined
  const lastSeq = Math.min(seq, recipient.lastSeq)
  const words = composeNotification(news, { count: job.count, lastSeq, preview })
  return { ...job, target, targetKey, sound, payload: { ...job.payload, ...words } }
}
