import { localProblem } from '../api/problems.ts'
import type { PeoplePart, PresencePart, TypingPart } from '../client.ts'
import type { PartOptions } from '../conversations/conversations-api.ts'
import type { Unsubscribe } from '../topic.ts'
import type { PresenceView } from '../views.ts'

const unknown: PresenceView = { status: 'unknown', lastSeenAt: null }
const nobody: readonly string[] = []

export function typingPart({ account, topics }: PartOptions, conversationId: string): TypingPart {
  return {
    snapshot: () => account()?.typing.in(conversationId) ?? nobody,
    subscribe: topics.typing.of(conversationId).subscribe,
    notify: () => account()?.notices.writing(conversationId),
  }
}

export function presencePart({ account, topics }: PartOptions): PresencePart {
  return {
    get: (userId) => account()?.presence.get(userId) ?? unknown,
    watch: (userIds): Unsubscribe => account()?.presence.watch(userIds) ?? (() => undefined),
    subscribe: topics.presence.subscribe,
  }
}

export function peoplePart({ account, topics }: PartOptions): PeoplePart {
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
