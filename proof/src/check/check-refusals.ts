import type { Evidence } from '../evidence/evidence.ts'
import { membershipsOf } from './membership.ts'
import type { Violation } from './violation.ts'

/**
 * What is refused is refused for good: nobody is who took part from when they came until the end, unless the message
 * answers one that was deleted, or carries one from elsewhere.
 */
export function checkRefusals({ devices, conversations }: Evidence): Violation[] {
  const memberships = new Map(conversations.map((one) => [one.id, membershipsOf(one)]))
  const isThere = (conversationId: string, messageId: string) =>
    conversations
      .find(({ id }) => id === conversationId)
      ?.messages.some(({ id, isDeleted }) => id === messageId && !isDeleted)
  return devices.flatMap(({ name, userId, sends }) =>
    sends.flatMap(({ id, conversationId, refused, carries }): Violation[] => {
      const own = memberships.get(conversationId)?.get(userId) ?? []
      const wasAlwaysIn = own.length > 0 && own.every(({ to }) => to === null)
      if (!refused || !wasAlwaysIn || (carries !== null && !isThere(conversationId, carries))) return []
      const what = `message ${id} of ${name} to ${conversationId} was refused, although ${userId} takes part`
      return [{ kind: 'refused', what }]
    }),
  )
}
