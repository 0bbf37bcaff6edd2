import type { Conversation } from '@finnigram/contracts'
import type { RunHistory } from '../history/history.ts'
import type { Violation } from './differences.ts'

/**
 * Markers only move forward: on every device, and in the database. Whoever comes again begins anew.
 */
export function checkMarkers({ devices, conversations }: RunHistory): Violation[] {
  return [
    ...devices.flatMap(({ name, markers }) =>
      markers.flatMap(({ conversationId, userId, rows }) =>
        rows.flatMap((row) => backward(row, `${userId} in ${conversationId} on ${name}`)),
      ),
    ),
    ...conversations.flatMap(({ id, participants }) =>
      participants.flatMap(({ userId, samples, lastReadSeq, lastDeliveredSeq, hasLeft }) =>
        samples.flatMap((row, index) => {
          const isLast = index === samples.length - 1 && !hasLeft
          const whole = isLast ? [...row, lastReadSeq, lastDeliveredSeq] : row
          return backward(whole, `${userId} in ${id} in the database`)
        }),
      ),
    ),
  ]
}

function backward(row: readonly number[], place: string): Violation[] {
  const violations: Violation[] = []
  for (let index = 2; index < row.length; index += 1) {
    const [before = 0, now = 0] = [row[index - 2], row[index]]
    if (now >= before) continue
    const name = index % 2 === 0 ? 'read' : 'delivered'
    violations.push({ kind: 'marker went back', what: `${name} of ${place} went from ${before} to ${now}` })
  }
  return violations
}

/** What the API and the devices say is unread is what the rows say when they are counted anew. */
export function checkUnread({ answers, devices, conversations }: RunHistory): Violation[] {
  const counted = new Map(
    conversations.flatMap(({ id, participants }) =>
      participants.map(({ userId, unread, mentions }) => [`${id} ${userId}`, { unread, mentions }]),
    ),
  )
  const judge = (userId: string, told: readonly Conversation[], who: string) =>
    told.flatMap(({ id, me }): Violation[] => {
      const { unread, mentions } = counted.get(`${id} ${userId}`) ?? { unread: 0, mentions: 0 }
      if (me.unreadCount === unread && me.mentionCount === mentions) return []
      const what = `${who} says ${me.unreadCount} unread and ${me.mentionCount} mentions in ${id}, counted ${unread} and ${mentions}`
      return [{ kind: 'unread drifted', what }]
    })
  return [
    ...answers.flatMap(({ userId, conversations: told }) => judge(userId, told, `the API to ${userId}`)),
    ...devices.flatMap(({ userId, name, view }) => judge(userId, view.conversations, name)),
  ]
}
