import type { MessagesPart } from '../client.ts'
import type { PartOptions } from '../conversations/conversations-api.ts'
import type { MessagesSnapshot } from '../views.ts'

const loading: MessagesSnapshot = {
  items: [],
  run: 0,
  hasBefore: false,
  hasAfter: false,
  loadingBefore: true,
  readThrough: 0,
  firstUnreadSeq: null,
}

/** The messages of one conversation, also while nobody is signed in yet. */
export function messagesPart({ account, topics }: PartOptions, conversationId: string): MessagesPart {
  const topic = topics.messages.of(conversationId)
  const list = () => account()?.lists.of(conversationId)
  return {
    snapshot: () => list()?.snapshot() ?? loading,
    subscribe(listener) {
      if (topic.listeners === 0) list()?.watched()
      const unsubscribe = topic.subscribe(listener)
      return () => {
        unsubscribe()
        if (topic.listeners === 0) list()?.left()
      }
    },
    loadBefore: async () => list()?.loadBefore(),
    loadAfter: async () => list()?.loadAfter(),
    openAt: async (anchor) => list()?.openAt(anchor),
    stay: () => list()?.stay(),
    send(input) {
      const current = account()
      if (!current || input.text.trim() === '') return
      list()?.stay()
      current.outbox.send(conversationId, input)
      current.notices.sent(conversationId)
    },
    retry: (id) => account()?.outbox.retry(id),
    discard: (id) => account()?.outbox.discard(id),
  }
}
