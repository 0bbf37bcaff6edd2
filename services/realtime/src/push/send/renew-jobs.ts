import { messagesApi, type PushDevice, usersApi } from '@finnigram/contracts'
import { type Called, composeNotification } from '../compose-notification.ts'
import type { PushContext } from '../push-context.ts'
import type { PushJob } from '../push-job.ts'

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
  const conversations = jobs.flatMap(({ payload: { type, conversationId, seq: toSeq }, fromSeq }) =>
    type === 'message' ? [{ conversationId, fromSeq, toSeq }] : [],
  )
  const [{ items: devices }, { items: called }] = await Promise.all([
    ctx.users.call(usersApi.listPushDevices, { body: { userIds } }),
    conversations.length === 0
      ? { items: [] }
      : ctx.messages.call(messagesApi.listPushRecipients, { body: { conversations } }),
  ])
  const byTarget = new Map(devices.map((device) => [device.targetKey, device]))
  const reached = await ctx.acknowledgements.read(
    jobs.map(({ targetKey, payload: { conversationId } }) => ({
      conversationId,
      sessionId: byTarget.get(targetKey)?.sessionId ?? '',
    })),
  )
  return jobs.map((job, i) => {
    const device = byTarget.get(job.targetKey)
    if (!device || job.payload.type === 'clear') return device && job
    return (reached[i] ?? 0) < job.payload.seq ? renew(job, device, called) : undefined
  })
}

function renew(
  job: PushJob,
  { target, sound, preview }: PushDevice,
  called: readonly Called[],
): PushJob | undefined {
  const { conversationId, seq } = job.payload
  const news = called.find((one) => one.conversationId === conversationId)
  const recipient = news?.recipients.find(({ userId }) => userId === job.userId)
  if (!news || !recipient || recipient.firstSeq > seq) return undefined
  const lastSeq = Math.min(seq, recipient.lastSeq)
  const words = composeNotification(news, { count: job.count, lastSeq, preview })
  return { ...job, target, sound, payload: { ...job.payload, ...words } }
}
