import type { Message } from '@finnigram/contracts'
import type { MessageView } from '../views.ts'
import { type OutboxEntry, type PendingMessage, toPendingMessage } from './outbox-entry.ts'

/**
 * The messages of a chat in the order of the screen: stored ones, sent ones whose event is on its
 * way, waiting ones.
 */
export function mergeTimeline(
  window: readonly Message[],
  entries: readonly OutboxEntry[],
  {
    me,
    lastSeq,
    pendingViews,
  }: { me: string; lastSeq: number; pendingViews: WeakMap<OutboxEntry, PendingMessage> },
): readonly MessageView[] {
  if (entries.length === 0) return window
  const entryIds = new Set(entries.map(({ id }) => id))
  const arrived = new Set(window.filter(({ id }) => entryIds.has(id)).map(({ id }) => id))
  const sent: Message[] = []
  const waiting: PendingMessage[] = []
  for (const entry of entries) {
    if (arrived.has(entry.id)) continue
    if (entry.state !== 'stored') waiting.push(viewOf(entry, me, pendingViews))
    else if (entry.message && entry.message.seq > lastSeq) sent.push(entry.message)
  }
  sent.sort((a, b) => a.seq - b.seq)
  return [...window, ...sent, ...waiting]
}

/** The same view for the same entry, so that an unchanged bubble is not drawn again. */
function viewOf(entry: OutboxEntry, me: string, views: WeakMap<OutboxEntry, PendingMessage>): PendingMessage {
  const view = views.get(entry) ?? toPendingMessage(entry, me)
  views.set(entry, view)
  return view
}
