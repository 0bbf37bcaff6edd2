import type { Conversation, Message } from '@finnigram/contracts'
import { plainMessage } from '@finnigram/contracts/testing'

export const me = '01900000-0000-7000-8000-000000000001'
export const other = '01900000-0000-7000-8000-000000000002'
export const chat = '01900000-0000-7000-8000-0000000000cc'

/** A stored message. */
export const makeMessage = (seq: number, changes: Partial<Message> = {}): Message =>
  plainMessage({
    id: `01900000-0000-7000-8000-${String(seq).padStart(12, '0')}`,
    conversationId: chat,
    seq,
    version: seq,
    senderId: other,
    text: `number ${seq}`,
    createdAt: new Date(Date.UTC(2026, 0, 1, 0, 0, seq)).toISOString(),
    ...changes,
  })

/** A conversation of two with `lastSeq` messages, none of them read. */
export function makeConversation(lastSeq: number, changes: Partial<Conversation> = {}): Conversation {
  return {
    id: chat,
    kind: 'direct',
    title: null,
    description: null,
    avatarUrl: null,
    createdBy: me,
    createdAt: '2026-01-01T00:00:00.000Z',
    lastSeq,
    version: lastSeq,
    participantCount: 2,
    sharesHistory: false,
    participants: [me, other].map((userId) => ({
      userId,
      role: 'member' as const,
      joinedAt: '2026-01-01T00:00:00.000Z',
      lastReadSeq: 0,
      lastDeliveredSeq: 0,
      user: {
        id: userId,
        username: userId,
        displayName: userId === me ? 'Me' : 'Other',
        bio: '',
        avatarUrl: null,
        createdAt: '2026-01-01T00:00:00.000Z',
        lastSeenAt: null,
      },
    })),
    lastMessage: lastSeq === 0 ? null : makeMessage(lastSeq),
    me: {
      role: 'member',
      joinedSeq: 0,
      lastReadSeq: 0,
      lastDeliveredSeq: 0,
      unreadCount: lastSeq,
      mentionCount: 0,
      mutedUntil: null,
      archived: false,
      pinned: false,
      notify: 'all',
      draft: null,
    },
    ...changes,
  }
}
