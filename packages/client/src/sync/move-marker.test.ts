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
const nothingAtHand = { me, unread: null, passed: null }

test('P10: the markers of others move forward and never back', () => {
  const before = makeConversation(9)
  const { conversation } = moveMarker(before, marker(other, { readSeq: 5 }), nothingAtHand)
  expect(conversation.participants.find(find(other))).toMatchObject({ lastReadSeq: 5, lastDeliveredSeq: 5 })
  const back = moveMarker(conversation, marker(other, { readSeq: 3, deliveredSeq: 4 }), nothingAtHand)
  expect(back.conversation).toBe(conversation)
  expect(conversation.me).toBe(before.me)
})

test('reading everything leaves nothing unread, whatever is on this device', () => {
  const { conversation, unreadUnknown } = moveMarker(makeConversation(9), marker(me, { readSeq: 9 }), {
    ...nothingAtHand,
  })
  expect(conversation.me).toMatchObject({ lastReadSeq: 9, lastDeliveredSeq: 9, unreadCount: 0 })
  expect(unreadUnknown).toBe(false)
})

test('reading up to the middle counts what is left, or reports that the count is unknown', () => {
  const unread = [
    makeMessage(7),
    makeMessage(8, { senderId: me }),
    makeMessage(9, { deletedAt: '2026-01-01T00:00:00.000Z' }),
  ]
  const counted = moveMarker(makeConversation(9), marker(me, { readSeq: 6 }), { me, unread, passed: null })
  expect(counted.conversation.me).toMatchObject({ lastReadSeq: 6, unreadCount: 1 })
  const guessed = moveMarker(makeConversation(9), marker(me, { readSeq: 6 }), nothingAtHand)
  expect(guessed).toMatchObject({ unreadUnknown: true, conversation: { me: { unreadCount: 3 } } })
})

test('in a long backlog passed messages are subtracted, without asking the server', () => {
  const base = makeConversation(900)
  const before = { ...base, me: { ...base.me, lastReadSeq: 2, unreadCount: 800, mentionCount: 2 } }
  const passed = [
    makeMessage(3, { mentions: [me] }),
    makeMessage(4, { senderId: me }),
    makeMessage(5, { kind: 'system' }),
    makeMessage(6),
  ]
  const { conversation, unreadUnknown } = moveMarker(before, marker(me, { readSeq: 6 }), {
    me,
    unread: null,
    passed,
  })
  expect(conversation.me).toMatchObject({ lastReadSeq: 6, unreadCount: 798, mentionCount: 1 })
  expect(unreadUnknown).toBe(false)
})

test('messages from before I joined do not count as unread', () => {
  const base = makeConversation(9)
  const joined = { ...base, me: { ...base.me, joinedSeq: 8 } }
  const unread = [makeMessage(8), makeMessage(9)]
  const { conversation } = moveMarker(joined, marker(me, { readSeq: 7 }), { me, unread, passed: null })
  expect(conversation.me.unreadCount).toBe(1)
})
