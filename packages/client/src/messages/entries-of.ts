import type { OutboxEntry } from './outbox-entry.ts'

/** Entries of one conversation in the order in which they go out. */
export function entriesOf(outbox: Iterable<OutboxEntry>, conversationId: string): OutboxEntry[] {
  return [...outbox]
    .filter((entry) => entry.conversationId === conversationId)
    .sort((a, b) => a.order - b.order || (a.id < b.id ? -1 : 1))
}
