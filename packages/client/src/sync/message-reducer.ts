import type {
  ConversationEventData,
  ConversationEventType,
  ConversationMe,
  Message,
  Reaction,
} from '@finnigram/contracts'

/** An event of type `T`. */
export interface EventOf<T extends ConversationEventType> {
  conversationId: string
  version: number
  type: T
  at: string
  actorId: string
  data: ConversationEventData[T]
}

/**
 * What an event makes of a message. A message that has the event already, or that the event is not
 * about, is returned as it is. So pages of history and events may overtake each other.
 */
export function changeMessage<T extends ConversationEventType>(message: Message, event: EventOf<T>): Message {
  if (event.version <= message.version || event.conversationId !== message.conversationId) return message
  const change = messageChanges[event.type]
  return change ? change(message, event) : message
}

const messageChanges: {
  [T in ConversationEventType]?: (message: Message, event: EventOf<T>) => Message
} = {
  'message.edited': (message, { data }) => (data.message.id === message.id ? data.message : message),
  'message.deleted': (message, { data, version, at }) =>
    data.id === message.id ? { ...toTombstone(message, at), version } : message,
  'reaction.added': (message, { data, version }) =>
    data.messageId === message.id ? { ...message, version, reactions: addReaction(message, data) } : message,
  'reaction.removed': (message, { data, version }) =>
    data.messageId === message.id
      ? { ...message, version, reactions: removeReaction(message, data) }
      : message,
}

/** A tombstone keeps `seq` and sender, and nothing of the content. */
function toTombstone(message: Message, deletedAt: string): Message {
  return {
    ...message,
    text: null,
    attachments: [],
    replyTo: null,
    forwardOf: null,
    mentions: [],
    mentionsAll: false,
    reactions: [],
    editedAt: null,
    deletedAt,
  }
}

type ReactionData = ConversationEventData['reaction.added']

function addReaction({ reactions }: Message, { emoji, userId }: ReactionData): Reaction[] {
  const known = reactions.find((reaction) => reaction.emoji === emoji)
  if (!known) return [...reactions, { emoji, userIds: [userId] }]
  if (known.userIds.includes(userId)) return reactions
  const userIds = [...known.userIds, userId]
  return reactions.map((reaction) => (reaction === known ? { emoji, userIds } : reaction))
}

function removeReaction({ reactions }: Message, { emoji, userId }: ReactionData): Reaction[] {
  return reactions
    .map((reaction) =>
      reaction.emoji === emoji
        ? { emoji, userIds: reaction.userIds.filter((id) => id !== userId) }
        : reaction,
    )
    .filter(({ userIds }) => userIds.length > 0)
}

type ReadPosition = Pick<ConversationMe, 'joinedSeq' | 'lastReadSeq'>

/** The last seq that cannot be unread: I read it, or it was sent before I joined. */
export function readUpTo({ joinedSeq, lastReadSeq }: ReadPosition): number {
  return Math.max(joinedSeq, lastReadSeq)
}

/** Whether a message can count as unread: another person's, not deleted, not a system message. */
export const isCounted = (
  { senderId, kind, deletedAt }: Pick<Message, 'senderId' | 'kind' | 'deletedAt'>,
  me: string,
): boolean => senderId !== me && kind !== 'system' && deletedAt === null

export function isUnread(message: Message, me: string, upTo: number): boolean {
  return message.seq > upTo && isCounted(message, me)
}

/** Whether a message mentions me, or everyone. */
export const isMentioned = ({ mentions, mentionsAll }: Message, me: string): boolean =>
  mentionsAll || mentions.includes(me)

/** How many of `messages` are unread by `me`, and how many of those mention me. */
export function countUnread(
  messages: Iterable<Message>,
  { me, upTo }: { me: string; upTo: number },
): { unreadCount: number; mentionCount: number } {
  let unreadCount = 0
  let mentionCount = 0
  for (const message of messages) {
    if (!isUnread(message, me, upTo)) continue
    unreadCount += 1
    if (isMentioned(message, me)) mentionCount += 1
  }
  return { unreadCount, mentionCount }
}
