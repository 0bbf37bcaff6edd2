import { expect, test } from 'vitest'
import type { RunHistory } from '../history/history.ts'
import { found, mutated, pushToOneWhoHadIt } from './mutate-history.ts'

/** Somebody is notified of a message, and something holds against that. */
function notified(change: (history: RunHistory, of: { userId: string; conversationId: string }) => void) {
  return mutated((history) => {
    const push = pushToOneWhoHadIt(history)
    const { userId } = found(history.devices.find(({ pushId }) => pushId === push.pushId))
    history.pushes?.sent.push(push)
    for (const device of history.devices) device.told = []
    change(history, { userId, conversationId: push.conversationId ?? '' })
  })
}

test('a notification to who wants none of the conversation, or has muted it, is needless', () => {
  const participantOf = (history: RunHistory, of: { userId: string; conversationId: string }) =>
    found(
      history.conversations
        .find(({ id }) => id === of.conversationId)
        ?.participants.find(({ userId }) => userId === of.userId),
    )
  const silent = notified((history, of) => {
    participantOf(history, of).notify = 'none'
  })
  expect(silent.kinds).toContain('push needless')
  expect(silent.whats).toContain('which does not call its person')
  const muted = notified((history, of) => {
    participantOf(history, of).mutedUntil = 10 ** 9
  })
  expect(muted.whats).toContain('which does not call its person')
})

test('a notification of what one wrote oneself is needless', () => {
  const { whats } = notified(({ conversations }, { userId, conversationId }) => {
    const { messages } = found(conversations.find(({ id }) => id === conversationId))
    for (const message of messages) message.senderId = userId
  })
  expect(whats).toContain('which does not call its person')
})
