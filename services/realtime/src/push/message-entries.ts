import { streamNames } from '@finnigram/contracts'
import type { ParkedStore, StreamEntry } from '@finnigram/service-kit'
import { parkEvent, parkedEvents } from '@finnigram/service-kit'
import type { WithLog, WithRedis } from './deps.ts'
import { toNewMessages, toPendingMessage } from './due-messages.ts'
import { type PlanDeps, planNotifications } from './plan-notifications.ts'
import type { WithPushMetrics } from './push-metrics.ts'

/** As sends are written: their seq comes first. What people write cannot look so, for its quotes are escaped. */
const asWritten = /"message":\{"seq":(\d+)/

/** The seq of the message that a `message.created` tells, without reading all of it where that can be avoided; undefined where there is none. */
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

/** The group of all nodes in which each message is planned once. */
export const pushGroup = 'push'
const unreadable = 'It names no message'

/** Sets the entry of a message aside that cannot be read. It has to be acknowledged afterwards. */
export async function parkMessage(
  { redis, log, metrics }: WithRedis & WithLog & WithPushMetrics,
  entry: StreamEntry,
): Promise<void> {
  const { stream, id } = entry
  await parkEvent(redis.commands, { group: pushGroup }, entry, unreadable)
  metrics.parked.inc({ kind: 'event' })
  log.error('A message that cannot be read notifies nobody', { stream, id })
}

/** Those entries. A retry plans what they call for, if they can be read by now. */
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
