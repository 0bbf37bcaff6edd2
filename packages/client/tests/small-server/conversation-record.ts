import type { Conversation, ConversationEvent, Message, Participant } from '@finnigram/contracts'

export interface Membership {
  role: Participant['role']
  joinedAt: string
  joinedSeq: number
  joinedVersion: number
  lastReadSeq: number
  lastDeliveredSeq: number
  movedAt: number
  draft: string | null
  draftAt: number
}

export interface ConversationRecord {
  id: string
  kind: 'direct' | 'group'
  title: string | null
  createdBy: string
  createdAt: string
  memberships: Map<string, Membership>
  messages: Message[]
  events: ConversationEvent[]
  /** Events up to this version are no longer kept. */
  compacted: number
}

/** How a conversation looks to one of its people. */
export function toConversation(
  record: ConversationRecord,
  { userId, participants }: { userId: string; participants: Participant[] },
): Conversation {
  const membership = record.memberships.get(userId)
  if (!membership) throw new Error('Not a participant')
  const { id, kind, title, createdBy, createdAt, messages, events } = record
  const { role, joinedSeq, lastReadSeq, lastDeliveredSeq } = membership
  const upTo = Math.max(joinedSeq, lastReadSeq)
  const unread = messages.filter(
    (m) => m.seq > upTo && m.senderId !== userId && m.deletedAt === null && m.kind === 'text',
  )
  return {
    id,
    kind,
    title,
    description: null,
    avatarUrl: null,
    createdBy,
    createdAt,
    lastSeq: messages.length,
    version: events.length,
    participantCount: record.memberships.size,
    sharesHistory: false,
    participants,
    lastMessage: messages.length > joinedSeq ? (messages.at(-1) ?? null) : null,
    me: {
      role,
      joinedSeq,
      lastReadSeq,
      lastDeliveredSeq,
      unreadCount: unread.length,
      mentionCount: 0,
      mutedUntil: null,
      archived: false,
      pinned: false,
      notify: 'all',
      draft: membership.draft,
      draftAt: new Date(membership.draftAt).toISOString(),
    },
  }
}
