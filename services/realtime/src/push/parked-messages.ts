import { streamNames } from '@finnigram/contracts'
import { type ParkedStore, parkEvent, parkedEvents, type StreamEntry } from '@finnigram/service-kit'
import { toHeld, toNewMessages } from './due-messages.ts'
import { planNotifications } from './plan-notifications.ts'
import type { PushContext } from './push-context.ts'
import { readSeq } from './message-entries.ts'

/** The group of all nodes in which each message is planned once. */
export const pushGroup = 'push'
const unreadable = 'It names no message'

/** Sets the entry of a message aside that cannot be read. It has to be acknowledged afterwards. */
export async function parkMessage({ redis, log, figures }: PushContext, entry: StreamEntry): Promise<void> {
  const { stream, id } = entry
  await parkEvent(redis.commands, { group: pushGroup }, entry, unreadable)
  figures.parked.inc({ kind: 'event' })
  log.error('A message that cannot be read notifies nobody', { stream, id })
}

/** Those entries. A retry plans what they call for, if they can be read by now. */
export const parkedMessages = (ctx: PushContext): ParkedStore =>
  parkedEvents(ctx.redis.commands, {
    group: pushGroup,
    streams: streamNames('messages'),
    async handle(entry) {
      const seq = readSeq(entry.payload)
      if (seq === undefined) throw new Error(unreadable)
      await planNotifications(ctx, [toNewMessages([toHeld(entry, seq)])])
    },
  })
