import type { ConversationMe, Message } from '@finnigram/contracts'

type Place = Pick<ConversationMe, 'joinedSeq' | 'lastReadSeq'>

/** The last seq that cannot be unread: what I read, and what was said before I came. */
export function readUpTo({ joinedSeq, lastReadSeq }: Place): number {
  return Math.max(joinedSeq, lastReadSeq)
}

/**
 * Whether a message counts as unread for whoever has not read it: something that another person
 * says.
 */
export const isCounted = (
  { senderId, kind, deletedAt }: Pick<Message, 'senderId' | 'kind' | 'deletedAt'>,
  me: string,
): boolean => senderId !== me && kind !== 'system' && deletedAt === null

/** Counts for me: it is after what I read. */
export function isUnread(message: Message, me: string, upTo: number): boolean {
  return message.seq > upTo && isCounted(message, me)
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
