import { streamNames } from '@finnigram/contracts'
import { type ParkedStore, parkEvent, parkedEvents, type StreamEntry } from '@finnigram/service-kit'
import type { WithLog, WithRedis } from './deps.ts'
import { toNewMessages, toPendingMessage } from './due-messages.ts'
import { type PlanDeps, planNotifications } from './plan-notifications.ts'
import type { WithPushMetrics } from './push-metrics.ts'

/** The seq comes first in a stored message. No text can match, because its quotes are escaped. */
const asWritten = /"message":\{"seq":(\d+)/

/**
 * Reads the seq of a `message.created`, without parsing all of it if possible; undefined if there
 * is none.
 */
export function readSeq(payload: string): number | undefined {
  const seq = asWritten.exec(payload)?.[1]
  if (seq !== undefined) return Number(seq)
  try {
    const { data } = JSON.parse(payload) as { data?: { message?: { seq?: unknown } } }
    const found = data?.message?.seq
    return typeof found === 'number' ? found : undefined
  } catch {
    return undefined
  }
}

/** The consumer group of all nodes. */
export const pushGroup = 'push'
const unreadable = 'It names no message'

/** Parks the entry of a message that cannot be read. The caller acknowledges it afterwards. */
export async function parkMessage(
  { redis, log, metrics }: WithRedis & WithLog & WithPushMetrics,
  entry: StreamEntry,
): Promise<void> {
  const { stream, id } = entry
  await parkEvent(redis.commands, { group: pushGroup }, entry, unreadable)
  metrics.parked.inc({ kind: 'event' })
  log.error('A message entry cannot be read: it is parked, and no notification is sent', { stream, id })
}

/** The parked entries. A retry plans their notifications, if they can be read by now. */
export const parkedMessages = (ctx: PlanDeps & WithRedis): ParkedStore =>
  parkedEvents(ctx.redis.commands, {
    group: pushGroup,
    streams: streamNames('messages'),
    async handle(entry) {
      const seq = readSeq(entry.payload)
      if (seq === undefined) throw new Error(unreadable)
      await planNotifications(ctx, [toNewMessages([toPendingMessage(entry, seq)])])
    },
  })
