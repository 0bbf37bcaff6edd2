import { expect, test } from 'vitest'
import { chat, makeConversation, makeMessage, me, other } from '../../tests/make-message.ts'
import { moveMarker } from './move-marker.ts'

const marker = (userId: string, moved: { readSeq?: number; deliveredSeq?: number }) => ({
  conversationId: chat,
  userId,
  ...moved,
})
const find =
  (userId: string) =>
  ({ userId: one }: { userId: string }) =>
    one === userId

test('the markers of others move forward and never back', () => {
  const before = makeConversation(9)
  const { conversation } = moveMarker(before, marker(other, { readSeq: 5 }), { me, unread: null })
  expect(conversation.participants.find(find(other))).toMatchObject({ lastReadSeq: 5, lastDeliveredSeq: 5 })
  const back = moveMarker(conversation, marker(other, { readSeq: 3, deliveredSeq: 4 }), { me, unread: null })
  expect(back.conversation).toBe(conversation)
  expect(conversation.me).toBe(before.me)
})

test('reading everything leaves nothing unread, whatever is on this device', () => {
  const { conversation, unreadUnknown } = moveMarker(makeConversation(9), marker(me, { readSeq: 9 }), {
    me,
    unread: null,
  })
  expect(conversation.me).toMatchObject({ lastReadSeq: 9, lastDeliveredSeq: 9, unreadCount: 0 })
  expect(unreadUnknown).toBe(false)
})

test('reading up to the middle counts what is left, or says that it cannot', () => {
  const unread = [
    makeMessage(7),
    makeMessage(8, { senderId: me }),
    makeMessage(9, { deletedAt: '2026-01-01T00:00:00.000Z' }),
  ]
  const counted = moveMarker(makeConversation(9), marker(me, { readSeq: 6 }), { me, unread })
  expect(counted.conversation.me).toMatchObject({ lastReadSeq: 6, unreadCount: 1 })
  const guessed = moveMarker(makeConversation(9), marker(me, { readSeq: 6 }), { me, unread: null })
  expect(guessed).toMatchObject({ unreadUnknown: true, conversation: { me: { unreadCount: 3 } } })
})

test('what was said before I came does not count', () => {
  const base = makeConversation(9)
  const joined = { ...base, me: { ...base.me, joinedSeq: 8 } }
  const unread = [makeMessage(8), makeMessage(9)]
  const { conversation } = moveMarker(joined, marker(me, { readSeq: 7 }), { me, unread })
  expect(conversation.me.unreadCount).toBe(1)
})
