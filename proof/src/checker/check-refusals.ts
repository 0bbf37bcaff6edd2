import type { RunHistory, Send } from '../history/history.ts'
import type { Violation } from './differences.ts'
import { membershipsOf } from './membership.ts'

/**
 * What is refused is refused for good: nobody is who took part from when they came until the end,
 * unless the message forwards one that was deleted, or carries one from elsewhere.
 */
export function checkRefusals({ devices, conversations }: RunHistory): Violation[] {
  const memberships = new Map(conversations.map((one) => [one.id, membershipsOf(one)]))
  const mayMiss = ({ conversationId, carries, via }: Send) =>
    carries !== null &&
    !conversations
      .find(({ id }) => id === conversationId)
      ?.messages.some(({ id, isDeleted }) => id === carries && (via === 'queue' || !isDeleted))
  return devices.flatMap(({ name, userId, sends }) =>
    sends.flatMap((send): Violation[] => {
      const { id, conversationId, refused } = send
      const own = memberships.get(conversationId)?.get(userId) ?? []
      const wasAlwaysIn = own.length > 0 && own.every(({ to }) => to === null)
      if (!refused || !wasAlwaysIn || mayMiss(send)) return []
      const what = `message ${id} of ${name} to ${conversationId} was refused, although ${userId} takes part`
      return [{ kind: 'refused', what }]
    }),
  )
}
