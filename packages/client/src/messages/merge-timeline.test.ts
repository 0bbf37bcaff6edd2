import { expect, test } from 'vitest'
import { chat, makeMessage, me } from '../../tests/make-message.ts'
import { mergeTimeline } from './merge-timeline.ts'
import type { OutboxEntry, PendingMessage } from './outbox-entry.ts'

type PendingViews = WeakMap<OutboxEntry, PendingMessage>

const entry = (id: string, changes: Partial<OutboxEntry> = {}): OutboxEntry => ({
  id,
  conversationId: chat,
  order: 1,
  text: id,
  createdAt: '2026-01-01T00:00:00.000Z',
  state: 'waiting',
  ...changes,
})
const compose = (entries: OutboxEntry[], lastSeq = 2, views: PendingViews = new WeakMap()) =>
  mergeTimeline([makeMessage(1), makeMessage(2)], entries, { me, lastSeq, pendingViews: views })

test('what waits stands below what is stored, and what was sent in between', () => {
  const sent = makeMessage(4, { senderId: me })
  const items = compose([
    entry('waits'),
    entry(sent.id, { state: 'stored', message: sent }),
    entry('failed', { state: 'failed' }),
  ])
  expect(items.map(({ text }) => text)).toEqual(['number 1', 'number 2', 'number 4', 'waits', 'failed'])
  expect(items.map(({ localState }) => localState)).toEqual([
    undefined,
    undefined,
    undefined,
    'waiting',
    'failed',
  ])
})

test('a message that has arrived is not shown a second time, by whichever way it came', () => {
  const arrived = makeMessage(2)
  expect(compose([entry(arrived.id)])).toHaveLength(2)
  expect(compose([entry('elsewhere', { state: 'stored', message: makeMessage(2) })])).toHaveLength(2)
})

test('an entry that did not change has the same view', () => {
  const views: PendingViews = new WeakMap()
  const waiting = entry('waits')
  expect(compose([waiting], 2, views).at(-1)).toBe(compose([waiting], 2, views).at(-1))
})

test('without a queue the list is the window itself', () => {
  const window = [makeMessage(1)]
  expect(mergeTimeline(window, [], { me, lastSeq: 1, pendingViews: new WeakMap() })).toBe(window)
})
