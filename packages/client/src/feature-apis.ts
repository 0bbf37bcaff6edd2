import { localProblem } from './api/problems.ts'
import type { Client, MessagesPart, PeoplePart, PresencePart, TypingPart } from './client.ts'
import { conversationsPart, invitationsPart, type PartOptions } from './conversations/conversations-api.ts'
import type { Unsubscribe } from './topics.ts'
import type { MessagesSnapshot, PresenceView } from './views.ts'

type AccountParts = Pick<
  Client,
  'connection' | 'conversations' | 'invitations' | 'messages' | 'typing' | 'presence' | 'people'
>

/** What of the client belongs to whoever is signed in. The parts stay the same objects when that changes. */
export function accountParts(options: PartOptions): AccountParts {
  const { account, topics } = options
  return {
    connection: {
      get state() {
        return account()?.connection.state ?? 'offline'
      },
      subscribe: topics.connection.subscribe,
    },
    conversations: conversationsPart(options),
    invitations: invitationsPart(options),
    messages: byKey((id) => messagesPart(options, id)),
    typing: byKey((id) => typingPart(options, id)),
    presence: presencePart(options),
    people: peoplePart(options),
  }
}

/** Makes one value per key, the same one every time. */
function byKey<T>(make: (key: string) => T): (key: string) => T {
  const made = new Map<string, T>()
  return (key) => {
    const value = made.get(key) ?? make(key)
    made.set(key, value)
    return value
  }
}

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
function messagesPart({ account, topics }: PartOptions, conversationId: string): MessagesPart {
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

const unknown: PresenceView = { status: 'unknown', lastSeenAt: null }
const nobody: readonly string[] = []

function typingPart({ account, topics }: PartOptions, conversationId: string): TypingPart {
  return {
    snapshot: () => account()?.typing.in(conversationId) ?? nobody,
    subscribe: topics.typing.of(conversationId).subscribe,
    notify: () => account()?.notices.writing(conversationId),
  }
}

function presencePart({ account, topics }: PartOptions): PresencePart {
  return {
    get: (userId) => account()?.presence.get(userId) ?? unknown,
    watch: (userIds): Unsubscribe => account()?.presence.watch(userIds) ?? (() => undefined),
    subscribe: topics.presence.subscribe,
  }
}

function peoplePart({ account, topics }: PartOptions): PeoplePart {
  const people = () => {
    const current = account()
    if (!current) throw localProblem('unauthenticated')
    return current.people
  }
  return {
    search: async (query) => people().search(query),
    get: (userId) => account()?.people.get(userId),
    meet: (ids) => account()?.people.meet(ids),
    lookup: async (ids) => people().lookup(ids),
    subscribe: topics.people.subscribe,
  }
}
