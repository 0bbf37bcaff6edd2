import type { ConversationEventData, ConversationEventType, Message, Reaction } from '@finnigram/contracts'
import type { EventOf } from './apply-event.ts'

/** What an event makes of a message. A message that has the event already, or that it is not about, is returned as it is. */
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

/** A deleted message keeps its place and its author, and nothing of what it said. */
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
