import type { Replica } from '../replica/replica.ts'
import type { Topics } from '../topics.ts'
import type { History } from './history.ts'
import { MessageList } from './message-list.ts'

/** The message lists that were asked for, one per conversation. */
export interface MessageLists {
  of(conversationId: string): MessageList
  changed(conversationId: string): void
  /** Fills the lists on screen that came out short while the server could not be asked. */
  refill(): void
}

export interface MessageListsOptions {
  replica: Replica
  history: History
  topics: Topics
  isCaughtUp: () => boolean
  onError: (error: unknown) => void
}

export function createMessageLists({ topics, ...options }: MessageListsOptions): MessageLists {
  const lists = new Map<string, MessageList>()
  return {
    of(conversationId) {
      const known = lists.get(conversationId)
      if (known) return known
      const publish = () => topics.publish(conversationId)
      const list = new MessageList({ ...options, conversationId, publish })
      lists.set(conversationId, list)
      return list
    },
    changed: (conversationId) => lists.get(conversationId)?.changed(),
    refill() {
      for (const [id, list] of lists) if (topics.of(id).listeners > 0) void list.refill()
    },
  }
}
