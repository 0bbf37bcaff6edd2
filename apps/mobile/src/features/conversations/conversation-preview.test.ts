import type { ConversationView } from '@finnigram/client'
import { plainMessage } from '@finnigram/contracts/testing'
import { expect, test } from 'vitest'
import { conversationPreview } from './conversation-preview.ts'

const user = (id: string, displayName: string) => ({
  id,
  username: displayName.toLowerCase(),
  displayName,
  bio: '',
  avatarUrl: null,
  createdAt: '2026-01-01T00:00:00.000Z',
  lastSeenAt: null,
})

const group: ConversationView = {
  id: 'c1',
  kind: 'group',
  title: 'Climbing',
  displayTitle: 'Climbing',
  description: null,
  avatarUrl: null,
  createdBy: 'ada',
  createdAt: '2026-01-01T00:00:00.000Z',
  lastSeq: 1,
  version: 1,
  participantCount: 2,
  sharesHistory: false,
  participants: [
    {
      userId: 'ada',
      role: 'owner',
      joinedAt: '2026-01-01T00:00:00.000Z',
      lastReadSeq: 0,
      lastDeliveredSeq: 0,
      user: user('ada', 'Ada'),
    },
  ],
  lastMessage: plainMessage({ senderId: 'ada', text: 'two\n\nlines' }),
  me: {
    role: 'member',
    joinedSeq: 0,
    lastReadSeq: 0,
    lastDeliveredSeq: 0,
    unreadCount: 1,
    mentionCount: 0,
    mutedUntil: null,
    archived: false,
    pinned: false,
    notify: 'all',
    draft: null,
  },
  draft: '',
  supersededDrafts: [],
  pendingCount: 0,
  failedCount: 0,
  typing: [],
}

test('a preview names the sender in groups, not in direct chats', () => {
  expect(conversationPreview(group, 'me')).toEqual({
    kind: 'message',
    sender: { kind: 'other', userId: 'ada' },
    text: 'two lines',
  })
  expect(conversationPreview(group, 'ada')).toMatchObject({ sender: { kind: 'me' } })
  expect(conversationPreview({ ...group, kind: 'direct' }, 'me')).toMatchObject({ sender: null })
})

test('typing comes before my draft, my draft before the last message', () => {
  expect(conversationPreview({ ...group, draft: ' hello ', typing: ['ada'] }, 'me').kind).toBe('typing')
  expect(conversationPreview({ ...group, draft: ' hello ' }, 'me')).toEqual({ kind: 'draft', text: 'hello' })
  expect(conversationPreview({ ...group, draft: '  \n' }, 'me').kind).toBe('message')
})

test('a deleted last message and an empty chat have previews of their own', () => {
  const last = group.lastMessage
  if (last === null) throw new Error('the group has a message')
  const deleted = { ...last, text: null, deletedAt: '2026-01-01T00:00:00.000Z' }
  expect(conversationPreview({ ...group, lastMessage: deleted }, 'me').kind).toBe('deleted')
  expect(conversationPreview({ ...group, lastMessage: null }, 'me').kind).toBe('empty')
})
