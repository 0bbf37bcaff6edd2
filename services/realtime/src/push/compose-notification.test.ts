import { newId, type PushMessage } from '@finnigram/contracts'
import { expect, test } from 'vitest'
import { composeNotification } from './compose-notification.ts'

const message = (seq: number, text: string | null, attachments: PushMessage['attachments'] = []) => ({
  id: newId(),
  seq,
  senderId: newId(),
  senderName: 'Ben',
  text,
  attachments,
  at: '2026-01-01T00:00:00.000Z',
})
const direct = (...messages: PushMessage[]) => ({ kind: 'direct' as const, title: null, messages })
const group = (title: string | null, ...messages: PushMessage[]) => ({
  kind: 'group' as const,
  title,
  messages,
})
const shown = { count: 1, lastSeq: 7, preview: true }

test('the title is the sender in a direct conversation, and the group in a group', () => {
  const said = message(7, 'hi')
  expect(composeNotification(direct(said), shown)).toEqual({ title: 'Ben', body: 'hi' })
  expect(composeNotification(group('Trip', said), shown)).toEqual({ title: 'Trip', body: 'Ben: hi' })
  expect(composeNotification(group(null, said), shown)).toEqual({ title: 'Ben', body: 'Ben: hi' })
  const nameless = { ...said, senderName: '' }
  expect(composeNotification(group('Trip', nameless), shown)).toEqual({ title: 'Trip', body: 'hi' })
  expect(composeNotification(direct(nameless), shown)).toEqual({ title: 'Finnigram', body: 'New message' })
})

test('several messages are one notification, with their number and the last of them', () => {
  const three = { ...shown, count: 3 }
  const body = '3 new messages\nBen: bye'
  expect(composeNotification(group('Trip', message(6, 'hi'), message(7, 'bye')), three).body).toBe(body)
})

test('without preview it shows no name and no text', () => {
  const said = group('Trip', message(7, 'secret'))
  const hidden = { ...shown, preview: false }
  expect(composeNotification(said, hidden)).toEqual({ title: 'Finnigram', body: 'New message' })
  expect(composeNotification(said, { ...hidden, count: 12 }).body).toBe('12 new messages')
})

test('only the message that notifies a person is shown to them', () => {
  const said = group('Trip', message(8, 'for somebody else'))
  expect(composeNotification(said, shown)).toEqual({ title: 'Trip', body: 'New message' })
})

test.each([
  [[{ kind: 'image', name: 'a.png' }], null, '📷 Photo'],
  [[{ kind: 'file', name: 'plan.pdf' }], 'look', '📎 plan.pdf · look'],
  [
    [
      { kind: 'image', name: 'a' },
      { kind: 'file', name: 'b' },
    ],
    '',
    '📎 2 files',
  ],
])('what is attached is named: %j with %j', (attachments, text, body) => {
  expect(composeNotification(direct(message(7, text, attachments)), shown).body).toBe(body)
})

test('a long text is cut between graphemes', () => {
  const family = '👨‍👩‍👧‍👦'
  const { body } = composeNotification(direct(message(7, `${'a'.repeat(175)}${family}${family}`)), shown)
  expect(body).toBe(`${'a'.repeat(175)}…`)
})
