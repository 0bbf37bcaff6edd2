import type { SyncReply } from '@finnigram/contracts'

/** What a device knows of each conversation: the newest version up to which nothing is missing. */
export interface KnownVersions {
  readonly known: Readonly<Record<string, number>>
  /** What a sync answered. */
  take(reply: SyncReply): void
  /** A frame of events; whether something is missing before them. */
  hear(frame: string): boolean
}

interface EventHead {
  conversationId: string
  version: number
}

export function createKnownVersions(ids: readonly string[], version: number): KnownVersions {
  const known: Record<string, number> = Object.fromEntries(ids.map((id) => [id, version]))
  const hearOne = ({ conversationId, version: next }: EventHead) => {
    if (next === (known[conversationId] ?? 0) + 1) known[conversationId] = next
    return next > (known[conversationId] ?? 0)
  }
  return {
    known,
    take({ conversations, events }) {
      for (const list of Object.values(events)) for (const event of list) hearOne(event)
      for (const { id, version: newest } of conversations) known[id] = Math.max(newest, known[id] ?? 0)
    },
    hear(frame) {
      const [, events] = JSON.parse(frame.slice(2)) as [string, EventHead[]]
      return events.map(hearOne).includes(true)
    },
  }
}
