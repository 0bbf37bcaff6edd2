import type { Conversation } from '@finnigram/contracts'
import type { Evidence } from '../evidence/evidence.ts'
import type { Violation } from './violation.ts'

/** What the API and the devices say is unread is what the rows say when they are counted anew. */
export function checkUnread({ answers, devices, conversations }: Evidence): Violation[] {
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
