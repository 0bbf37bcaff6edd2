import type { messagesApi, PushMessage, PushRecipient, RouteBody, RouteReply } from '@finnigram/contracts'
import type { MessagesContext } from '../context.ts'
import { findCalled, mostTold } from './find-called.ts'

type List = typeof messagesApi.listPushRecipients
type Called = RouteReply<List>['items'][number]

/** Whom these messages call as things stand now, conversation by conversation; one that calls nobody is left out. However many they are: the newest are looked at first, some with each statement. */
export async function listPushRecipients(
  ctx: MessagesContext,
  { conversations }: RouteBody<List>,
): Promise<RouteReply<List>> {
  const found = new Map<string, Called>()
  let left = conversations
  while (left.length > 0) {
    const pages = await findCalled(ctx, left)
    for (const { left: _, ...older } of pages) {
      const newer = found.get(older.conversationId)
      found.set(older.conversationId, newer ? merge(newer, older) : older)
    }
    left = pages.flatMap((page) => page.left)
  }
  return { items: [...found.values()].filter(({ recipients }) => recipients.length > 0) }
}

function merge(newer: Called, older: Called): Called {
  const recipients = new Map(newer.recipients.map((recipient) => [recipient.userId, recipient]))
  for (const before of older.recipients) {
    const after = recipients.get(before.userId)
    recipients.set(before.userId, after ? addUp(before, after) : before)
  }
  const all = [...recipients.values()]
  return { ...newer, recipients: all, messages: lastOf(all, [...older.messages, ...newer.messages]) }
}

const addUp = (before: PushRecipient, after: PushRecipient): PushRecipient => ({
  ...after,
  count: before.count + after.count,
  firstSeq: before.firstSeq,
  mentioned: before.mentioned || after.mentioned,
})

/** The last message of each, in order. */
function lastOf(recipients: readonly PushRecipient[], messages: readonly PushMessage[]): PushMessage[] {
  const last = new Set(recipients.map(({ lastSeq }) => lastSeq))
  return messages.filter(({ seq }) => last.has(seq)).slice(-mostTold)
}
