import type { ConversationMe, Message } from '@finnigram/contracts'

type Place = Pick<ConversationMe, 'joinedSeq' | 'lastReadSeq'>

/** The last seq that cannot be unread: what I read, and what was said before I came. */
export function readUpTo({ joinedSeq, lastReadSeq }: Place): number {
  return Math.max(joinedSeq, lastReadSeq)
}

/** Counts for me: of others, after what I read, not deleted. */
export function isUnread(message: Message, me: string, upTo: number): boolean {
  return message.seq > upTo && message.senderId !== me && message.deletedAt === null
}

/** Whether a message names me, or everyone. */
export const isNamed = ({ mentions, mentionsAll }: Message, me: string): boolean =>
  mentionsAll || mentions.includes(me)

/** How many of `messages` are unread by `me`, and how many of those name me. */
export function countUnread(
  messages: Iterable<Message>,
  { me, upTo }: { me: string; upTo: number },
): { unreadCount: number; mentionCount: number } {
  let unreadCount = 0
  let mentionCount = 0
  for (const message of messages) {
    if (!isUnread(message, me, upTo)) continue
    unreadCount += 1
    if (isNamed(message, me)) mentionCount += 1
  }
  return { unreadCount, mentionCount }
}
