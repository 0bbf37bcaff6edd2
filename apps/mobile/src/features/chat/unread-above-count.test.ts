import type { MessageView } from '@finnigram/client'
import { plainMessage } from '@finnigram/contracts/testing'
import { expect, test } from 'vitest'
import { unreadAboveCount } from './unread-above-count.ts'

/** A run of messages; every tenth is mine, so it does not count as unread. */
const run = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index): MessageView => {
    const seq = from + index
    const senderId = seq % 10 === 0 ? 'me' : 'ada'
    return plainMessage({ id: `m${seq}`, conversationId: 'c', seq, senderId })
  })
const passed = { userId: 'me', marker: 100, hasAfter: false }

test.each([
  ['all of them are loaded', { items: run(90, 200), from: 191, me: { unreadCount: 90 } }, 81],
  ['the first ones are not loaded', { items: run(171, 200), from: 191, me: { unreadCount: 90 } }, 81],
  [
    'newer ones are not loaded',
    { items: run(90, 150), from: 141, me: { unreadCount: 360 }, hasAfter: true },
    36,
  ],
  [
    'what is on screen goes on from the marker',
    { items: run(90, 200), from: 101, me: { unreadCount: 90 } },
    null,
  ],
  ['none is unread', { items: run(90, 200), from: 191, me: { unreadCount: 0 } }, null],
  ['the count is not known yet', { items: run(171, 200), from: 171, me: { unreadCount: 3 } }, 0],
  [
    'messages are missing at both ends',
    { items: run(171, 200), from: 191, me: { unreadCount: 360 }, hasAfter: true },
    0,
  ],
])('how many unread messages stand above: %s', (_, about, expected) => {
  expect(unreadAboveCount({ ...passed, ...about })).toBe(expected)
})
