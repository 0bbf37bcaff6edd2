import { messagesApi, type PushDevice, usersApi } from '@finnigram/contracts'
import type { WithAcknowledgements } from './acknowledgements.ts'
import { type ConversationRecipients, composeNotification } from './compose-notification.ts'
import type { WithMessages, WithUsers } from './deps.ts'
import type { WithJobQueue } from './job-queue.ts'
import type { WithNotificationState } from './notification-state.ts'
import type { PushJob } from './push-job.ts'
import { isWithinQuietHours } from './quiet-hours.ts'

export type PlanDeps = WithAcknowledgements & WithJobQueue & WithMessages & WithNotificationState & WithUsers

/** New messages of one conversation. */
export interface NewMessages {
  conversationId: string
  fromSeq: number
  toSeq: number
}

type Recipient = ConversationRecipients['recipients'][number]

/** A device that has not acknowledged messages which concern its person. */
interface Candidate {
  conversation: ConversationRecipients
  recipient: Recipient
  device: PushDevice
}

const peopleAtOnce = 500

/**
 * Queues a notification for each device that needs one. Recipients and texts are looked up now:
 * messages that were read, deleted, muted or acknowledged since notify nobody. Idempotent: jobs
 * queued twice are sent once.
 */
export async function planNotifications(ctx: PlanDeps, conversations: readonly NewMessages[]): Promise<void> {
  const { items } = await ctx.messages.call(messagesApi.listPushRecipients, {
    body: { conversations: [...conversations] },
  })
  const userIds = [...new Set(items.flatMap(({ recipients }) => recipients.map(({ userId }) => userId)))]
  if (userIds.length === 0) return
  const devices = await listDevices(ctx, userIds)
  const candidates = await withoutAcknowledged(ctx, toCandidates(items, devices))
  if (candidates.length > 0) await ctx.queue.add(await toJobs(ctx, candidates))
}

async function listDevices(ctx: WithUsers, userIds: readonly string[]): Promise<Map<string, PushDevice[]>> {
  const pages = await Promise.all(
    chunk(userIds, peopleAtOnce).map((page) =>
      ctx.users.call(usersApi.listPushDevices, { body: { userIds: page } }),
    ),
  )
  return Map.groupBy(
    pages.flatMap(({ items }) => items),
    ({ userId }) => userId,
  )
}

function toCandidates(
  items: readonly ConversationRecipients[],
  devices: Map<string, PushDevice[]>,
): Candidate[] {
  const now = new Date()
  return items.flatMap((conversation) =>
    conversation.recipients.flatMap((recipient) =>
      (devices.get(recipient.userId) ?? [])
        .filter(({ quietHours }) => quietHours === null || !isWithinQuietHours(quietHours, now))
        .map((device) => ({ conversation, recipient, device })),
    ),
  )
}

async function withoutAcknowledged(ctx: WithAcknowledgements, candidates: Candidate[]): Promise<Candidate[]> {
  const reached = await ctx.acknowledgements.read(
    candidates.map(({ conversation, device }) => ({
      conversationId: conversation.conversationId,
      sessionId: device.sessionId,
    })),
  )
  return candidates.filter(({ recipient }, i) => (reached[i] ?? 0) < recipient.lastSeq)
}

async function toJobs(
  ctx: WithMessages & WithNotificationState,
  candidates: Candidate[],
): Promise<PushJob[]> {
  const badges = await countBadges(ctx, [...new Set(candidates.map(({ device }) => device.userId))])
  const counts = await planEach(ctx, candidates)
  return candidates.flatMap((candidate) => {
    // It was read a moment ago.
    const count = counts.get(candidate.recipient) ?? 0
    return count === 0
      ? []
      : [toJob(candidate, { count, badge: badges.get(candidate.device.userId) ?? count })]
  })
}

/** Planned once for each person: all their devices show the same count. */
async function planEach(
  ctx: WithNotificationState,
  candidates: Candidate[],
): Promise<Map<Recipient, number>> {
  const recipients = new Map(
    candidates.map(({ recipient, conversation }) => [recipient, conversation.conversationId]),
  )
  const planned = [...recipients].map(
    async ([recipient, conversationId]) =>
      [
        recipient,
        await ctx.notificationState.plan({ userId: recipient.userId, conversationId }, recipient),
      ] as const,
  )
  return new Map(await Promise.all(planned))
}

/** Unread messages of each person. */
export async function countBadges(
  ctx: WithMessages,
  userIds: readonly string[],
): Promise<Map<string, number>> {
  const pages = await Promise.all(
    chunk(userIds, peopleAtOnce).map((page) =>
      ctx.messages.call(messagesApi.countBadges, { body: { userIds: page } }),
    ),
  )
  return new Map(pages.flatMap(({ items }) => items.map(({ userId, unread }) => [userId, unread])))
}

function toJob(
  { conversation, recipient, device }: Candidate,
  { count, badge }: { count: number; badge: number },
): PushJob {
  const { conversationId, kind, messages } = conversation
  const { lastSeq, mentioned } = recipient
  const now = Date.now()
  const last = messages.find(({ seq }) => seq === lastSeq)
  return {
    count,
    fromSeq: recipient.firstSeq,
    userId: device.userId,
    targetKey: device.targetKey,
    target: device.target,
    sound: device.sound,
    urgency: kind === 'direct' || mentioned ? 'high' : 'normal',
    payload: {
      type: 'message',
      conversationId,
      seq: lastSeq,
      ...composeNotification(conversation, { count, lastSeq, preview: device.preview }),
      badge,
      tag: conversationId,
    },
    at: last ? Date.parse(last.at) : now,
    queuedAt: now,
    attempt: 0,
  }
}

function chunk<T>(items: readonly T[], size: number): T[][] {
  const chunks: T[][] = []
  for (let i = 0; i < items.length; i += size) chunks.push(items.slice(i, i + size))
  return chunks
}
