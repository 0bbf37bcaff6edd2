import type { Evidence } from '../evidence/evidence.ts'
import { membershipsOf } from './membership.ts'
import type { Violation } from './violation.ts'

/**
 * What is refused is refused for good: nobody is who took part from when they came until the end. What carries words of
 * another message may be refused for the sake of that one.
 */
export function checkRefusals({ devices, conversations }: Evidence): Violation[] {
  const memberships = new Map(conversations.map((one) => [one.id, membershipsOf(one)]))
  return devices.flatMap(({ name, userId, sends }) =>
    sends.flatMap(({ id, conversationId, refused, carries }): Violation[] => {
      const own = memberships.get(conversationId)?.get(userId) ?? []
      const wasAlwaysIn = own.length > 0 && own.every(({ to }) => to === null)
      if (!refused || carries !== null || !wasAlwaysIn) return []
      const what = `message ${id} of ${name} to ${conversationId} was refused, although ${userId} takes part`
      return [{ kind: 'refused', what }]
    }),
  )
}
