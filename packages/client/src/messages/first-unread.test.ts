import { expect, test } from 'vitest'
import { makeConversation, makeMessage, me } from '../../tests/make-message.ts'
import { firstUnread } from './first-unread.ts'

const window = [
  makeMessage(4),
  makeMessage(5, { senderId: me }),
  makeMessage(6, { deletedAt: '2026-01-01T00:00:00.000Z' }),
  makeMessage(7),
]

test('the line stands above the first message of another that I have not read', () => {
  expect(firstUnread(makeConversation(7), window, { me, upTo: 3 })).toBe(4)
  expect(firstUnread(makeConversation(7), window, { me, upTo: 4 })).toBe(7)
})

test('there is no line when nothing is unread', () => {
  expect(firstUnread(makeConversation(7), window, { me, upTo: 7 })).toBeNull()
  expect(firstUnread(makeConversation(6), window.slice(0, 3), { me, upTo: 4 })).toBeNull()
})

test('it waits above what is not loaded yet', () => {
  expect(firstUnread(makeConversation(7), window, { me, upTo: 1 })).toBe(2)
})
