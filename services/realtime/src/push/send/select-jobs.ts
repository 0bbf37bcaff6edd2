import { messagesApi, type PushDevice, usersApi } from '@finnigram/contracts'
import { AppError } from '@finnigram/service-kit'
import type { WithAcknowledgements } from '../acknowledgements.ts'
import { type ConversationRecipients, composeNotification } from '../compose-notification.ts'
import type { WithMessages, WithUsers } from '../deps.ts'
import type { NotificationStatus, WithNotificationState } from '../notification-state.ts'
import { isFresh, type PushJob, type TakenJob, targetOf } from '../push-job.ts'
import { isWithinQuietHours } from '../quiet-hours.ts'

export type SelectDeps = WithAcknowledgements & WithMessages & WithNotificationState & WithUsers

/** Jobs sorted: ready to send, too early, no longer needed, and not decidable at the moment. */
export interface Selected {
  ready: TakenJob[]
  early: { taken: TakenJob; restMs: number }[]
  spared: TakenJob[]
  unclear: TakenJob[]
}

/** Decides which jobs are still needed. Those that waited are composed again. */
export async function selectJobs(ctx: SelectDeps, jobs: readonly TakenJob[]): Promise<Selected> {
  const looked = await Promise.all(
    jobs.map(async (taken) => ({ taken, status: await lookAt(ctx, taken.job) })),
  )
  const selected: Selected = { ready: [], early: [], spared: [], unclear: [] }
  const waited: TakenJob[] = []
  for (const { taken, status } of looked) {
    const { job } = taken
    const restMs = job.payload.type === 'message' ? (status?.restMs ?? 0) : 0
    if (!isNeeded(job, status)) selected.spared.push(taken)
    else if (restMs > 0) selected.early.push({ taken, restMs })
    else if (isFresh(job, Date.now())) selected.ready.push(taken)
    else waited.push({ ...taken, job: sinceLastSent(job, status) })
  }
  await renewAll(ctx, waited, selected)
  return selected
}

async function lookAt({ notificationState }: WithNotificationState, { userId, targetKey, payload }: PushJob) {
  const { type, conversationId } = payload
  return type === 'test' ? undefined : notificationState.look({ userId, conversationId }, targetKey)
}

/**
 * Not needed: a message that was read, sent before or overtaken by a newer one; a clearing that a
 * newer message replaced.
 */
function isNeeded({ payload: { type, seq } }: PushJob, status: NotificationStatus | undefined): boolean {
  if (!status) return true
  const { plannedSeq, readSeq, sentSeq } = status
  if (type === 'clear') return plannedSeq === undefined || plannedSeq <= seq
  return plannedSeq !== undefined && plannedSeq <= seq && readSeq < seq && sentSeq < seq
}

/** A job covers the messages it has overtaken: if its own is deleted, they still count. */
const sinceLastSent = (job: PushJob, status: NotificationStatus | undefined): PushJob =>
  status && status.sentSeq > 0 ? { ...job, fromSeq: Math.min(job.fromSeq, status.sentSeq + 1) } : job

async function renewAll(ctx: SelectDeps, waited: readonly TakenJob[], selected: Selected): Promise<void> {
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

/**
 * Composes waiting jobs again by current data. Undefined for one that is no longer needed: signed
 * out, acknowledged, deleted, muted, or in its owner's quiet hours by now. Throws `unavailable`
 * when that cannot be looked up.
 */
async function renewJobs(ctx: SelectDeps, jobs: readonly PushJob[]): Promise<(PushJob | undefined)[]> {
  if (jobs.length === 0) return []
  const userIds = [...new Set(jobs.map(({ userId }) => userId))]
  const [{ items: devices }, recipients] = await Promise.all([
    ctx.users.call(usersApi.listPushDevices, { body: { userIds } }),
    listRecipients(ctx, jobs),
  ])
  const byTarget = new Map(devices.map((device) => [deviceOf(device), device]))
  const reached = await ctx.acknowledgements.read(
    jobs.map((job) => ({
      conversationId: job.payload.conversationId,
      sessionId: byTarget.get(deviceOf(job))?.sessionId ?? '',
    })),
  )
  const now = new Date()
  return jobs.map((job, i) => {
    const device = byTarget.get(deviceOf(job))
    if (!device) return undefined
    if (job.payload.type === 'clear') return { ...job, target: device.target, targetKey: device.targetKey }
    if (device.quietHours !== null && isWithinQuietHours(device.quietHours, now)) return undefined
    return (reached[i] ?? 0) < job.payload.seq
      ? renew(job, device, recipients.get(rangeKeyOf(job)))
      : undefined
  })
}

/**
 * Current recipients by conversation and last message. Jobs of one conversation with different last
 * messages need calls of their own, because a reply has only the last message of each person.
 */
async function listRecipients(
  ctx: SelectDeps,
  jobs: readonly PushJob[],
): Promise<Map<string, ConversationRecipients>> {
  const forMessages = jobs.filter(({ payload }) => payload.type === 'message')
  const ranges = [...Map.groupBy(forMessages, rangeKeyOf).values()].map((same) => ({
    conversationId: same[0]?.payload.conversationId ?? '',
    fromSeq: Math.min(...same.map(({ fromSeq }) => fromSeq)),
    toSeq: same[0]?.payload.seq ?? 0,
  }))
  const recipients = new Map<string, ConversationRecipients>()
  let left = ranges
  while (left.length > 0) {
    const asked = new Map(left.map((range) => [range.conversationId, range]))
    const conversations = [...asked.values()]
    const { items } = await ctx.messages.call(messagesApi.listPushRecipients, { body: { conversations } })
    for (const item of items)
      recipients.set(nameOf(item.conversationId, asked.get(item.conversationId)?.toSeq ?? 0), item)
    left = left.filter((range) => asked.get(range.conversationId) !== range)
  }
  return recipients
}

const deviceOf = ({ userId, targetKey }: Pick<PushJob, 'userId' | 'targetKey'>) =>
  `${userId} ${targetOf(targetKey)}`
const rangeKeyOf = ({ payload }: PushJob) => nameOf(payload.conversationId, payload.seq)
const nameOf = (conversationId: string, toSeq: number) => `${conversationId} ${toSeq}`

function renew(
  job: PushJob,
  { target, targetKey, sound, preview }: PushDevice,
  conversation: ConversationRecipients | undefined,
): PushJob | undefined {
  const { seq } = job.payload
  const recipient = conversation?.recipients.find(({ userId }) => userId === job.userId)
  if (!conversation || !recipient || recipient.firstSeq > seq) return undefined
  const lastSeq = Math.min(seq, recipient.lastSeq)
  const text = composeNotification(conversation, { count: job.count, lastSeq, preview })
  return { ...job, target, targetKey, sound, payload: { ...job.payload, ...text } }
}
