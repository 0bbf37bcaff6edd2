import { expect, test } from 'vitest'
import type { StoredConversation, StoredEvent } from '../history/history.ts'
import { membershipsOf } from './membership.ts'

const event = (version: number, type: string, ...userIds: string[]): StoredEvent => ({
  ...{ version, type, userIds },
  messageId: null,
})

test('who takes part when is told by the events, also for who comes again', () => {
  const events = [
    event(1, 'conversation.created', 'ada', 'grace'),
    event(4, 'participant.removed', 'grace'),
    event(5, 'participant.added', 'linus'),
    event(9, 'participant.added', 'grace'),
  ]
  const memberships = membershipsOf({ events } as StoredConversation)
  expect(Object.fromEntries(memberships)).toEqual({
    ada: [{ from: 1, to: null }],
    grace: [
      { from: 1, to: 4 },
      { from: 9, to: null },
    ],
    linus: [{ from: 5, to: null }],
  })
})
