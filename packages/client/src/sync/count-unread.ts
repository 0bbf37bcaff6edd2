import type { Message } from '@finnigram/contracts'

/** Counts for me: of others, after my marker, not deleted. */
export function isUnreadFor(message: Message, me: string, lastReadSeq: number): boolean {
  return message.seq > lastReadSeq && message.senderId !== me && message.deletedAt === null
}

/** How many of `messages` are unread by `me` who read up to `lastReadSeq`, and how many of those name me. */
export function countUnread(
  messages: Iterable<Message>,
  { me, lastReadSeq }: { me: string; lastReadSeq: number },
): { unreadCount: number; mentionCount: number } {
  let unreadCount = 0
  let mentionCount = 0
  for (const message of messages) {
    if (!isUnreadFor(message, me, lastReadSeq)) continue
    unreadCount += 1
    if (message.mentions.includes(me)) mentionCount += 1
  }
  return { unreadCount, mentionCount }
}
