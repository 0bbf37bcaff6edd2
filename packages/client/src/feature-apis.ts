import { localProblem } from './api/problems.ts'
import type { Client, MessagesApi, PeopleApi, PresenceApi, TypingApi } from './client.ts'
import {
  createConversationsApi,
  createInvitationsApi,
  type FeatureApiOptions,
} from './conversations/conversations-api.ts'
import type { Unsubscribe } from './subscriptions.ts'
import type { MessagesSnapshot, PresenceView } from './views.ts'

type FeatureApis = Pick<
  Client,
  'connection' | 'conversations' | 'invitations' | 'messages' | 'typing' | 'presence' | 'people'
>

/**
 * The features of the signed-in person, as stable objects: they stay the same when somebody signs
 * in or out.
 */
export function createFeatureApis(options: FeatureApiOptions): FeatureApis {
  const { signedIn, topics } = options
  return {
    connection: {
      get state() {
        return signedIn()?.connection.state ?? 'offline'
      },
      subscribe: topics.connection.subscribe,
    },
    conversations: createConversationsApi(options),
    invitations: createInvitationsApi(options),
    messages: memoize((id) => createMessagesApi(options, id)),
    typing: memoize((id) => createTypingApi(options, id)),
    presence: createPresenceApi(options),
    people: createPeopleApi(options),
  }
}

/** One value per key, made at first use. */
function memoize<T>(make: (key: string) => T): (key: string) => T {
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
function createMessagesApi({ signedIn, topics }: FeatureApiOptions, conversationId: string): MessagesApi {
  const topic = topics.messages.of(conversationId)
  const list = () => signedIn()?.lists.of(conversationId)
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
      const current = signedIn()
      if (!current || input.text.trim() === '') return
      list()?.stay()
      current.outbox.send(conversationId, input)
      current.notices.sent(conversationId)
    },
    retry: (id) => signedIn()?.outbox.retry(id),
    discard: (id) => signedIn()?.outbox.discard(id),
  }
}

const unknown: PresenceView = { status: 'unknown', lastSeenAt: null }
const nobody: readonly string[] = []

function createTypingApi({ signedIn, topics }: FeatureApiOptions, conversationId: string): TypingApi {
  return {
    snapshot: () => signedIn()?.typing.in(conversationId) ?? nobody,
    subscribe: topics.typing.of(conversationId).subscribe,
    notify: () => signedIn()?.notices.writing(conversationId),
  }
}

function createPresenceApi({ signedIn, topics }: FeatureApiOptions): PresenceApi {
  return {
    get: (userId) => signedIn()?.presence.get(userId) ?? unknown,
    watch: (userIds): Unsubscribe => signedIn()?.presence.watch(userIds) ?? (() => undefined),
    subscribe: topics.presence.subscribe,
  }
}

function createPeopleApi({ signedIn, topics }: FeatureApiOptions): PeopleApi {
  const people = () => {
    const current = signedIn()
    if (!current) throw localProblem('unauthenticated')
    return current.people
  }
  return {
    search: async (query) => people().search(query),
    get: (userId) => signedIn()?.people.get(userId),
    meet: (ids) => signedIn()?.people.meet(ids),
    lookup: async (ids) => people().lookup(ids),
    subscribe: topics.people.subscribe,
  }
}
