import { type readEventData, usersApi } from '@finnigram/contracts'
import type { z } from 'zod'
import type { WithMessages, WithUsers } from './deps.ts'
import type { WithJobQueue } from './job-queue.ts'
import type { WithNotificationState } from './notification-state.ts'
import { countBadges } from './plan-notifications.ts'
import { type PushJob, targetOf } from './push-job.ts'

type ConversationRead = z.infer<(typeof readEventData)['conversation.read']>

/**
 * Removes notifications of conversations that people have read from all their devices. May run
 * twice: the state is cleared only after the jobs are queued.
 */
export async function clearRead(
  ctx: WithJobQueue & WithMessages & WithNotificationState & WithUsers,
  reads: readonly ConversationRead[],
): Promise<void> {
  const shown = await Promise.all(
    reads.map(async (read) => ({
      read,
      targets: new Set((await ctx.notificationState.read(read, read.readSeq)).map(targetOf)),
    })),
  )
  const showing = shown.filter(({ targets }) => targets.size > 0)
  if (showing.length === 0) return
  const userIds = [...new Set(showing.map(({ read }) => read.userId))]
  const [{ items: devices }, badges] = await Promise.all([
    ctx.users.call(usersApi.listPushDevices, { body: { userIds } }),
    countBadges(ctx, userIds),
  ])
  const jobs = showing.flatMap(({ read, targets }) =>
    devices
      .filter(({ userId, targetKey }) => userId === read.userId && targets.has(targetOf(targetKey)))
      .map((device) => toClearing(device, { read, badge: badges.get(read.userId) ?? 0 })),
  )
  await ctx.queue.add(jobs)
  await Promise.all(showing.map(({ read }) => ctx.notificationState.cleared(read, read.readSeq)))
}

/** A silent notification that removes those of a conversation and corrects the badge. */
export function toClearing(
  { userId, targetKey, target }: Pick<PushJob, 'userId' | 'targetKey' | 'target'>,
  {
    read: { conversationId, readSeq },
    badge,
  }: { read: Pick<ConversationRead, 'conversationId' | 'readSeq'>; badge: number },
): PushJob {
  const now = Date.now()
  return {
    userId,
    targetKey,
    target,
    sound: false,
    count: 0,
    fromSeq: readSeq,
    urgency: 'low',
    payload: { type: 'clear', conversationId, seq: readSeq, title: '', body: '', badge, tag: conversationId },
    at: now,
    queuedAt: now,
    attempt: 0,
  }
}
