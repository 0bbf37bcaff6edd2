import type { Conversation, ConversationEvent, Message, Participant } from '@finnigram/contracts'

export interface Place {
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

export interface Room {
  id: string
  kind: 'direct' | 'group'
  title: string | null
  createdBy: string
  createdAt: string
  places: Map<string, Place>
  messages: Message[]
  events: ConversationEvent[]
  /** Events up to this version are no longer kept. */
  compacted: number
}

/** How a room looks to one of its people. */
export function toConversation(
  room: Room,
  { userId, participants }: { userId: string; participants: Participant[] },
): Conversation {
  const place = room.places.get(userId)
  if (!place) throw new Error('Not a participant')
  const { id, kind, title, createdBy, createdAt, messages, events } = room
  const { role, joinedSeq, lastReadSeq, lastDeliveredSeq } = place
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
    participantCount: room.places.size,
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
      draft: place.draft,
      draftAt: new Date(place.draftAt).toISOString(),
    },
  }
}
